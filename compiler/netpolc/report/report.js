// The matrix of namespaces and the table of connections. Names come from strangers: they are only
// ever set as text.
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const { nodes, ports, facts, statements, changes, paths, reasons, rows, kinds, drawn } = data;
  const GROUP = 0, NAME = 1, IN_NAMESPACE = 2;
  const FROM = 0, TO = 1, PORTS = 2, FLAGS = 3, SENDER_OPENED = 4, RECEIVER_OPENED = 5, FACTS = 6;
  const UNDECIDED = 1, EXPOSURE = 2, TEMPORARY = 4, FIRST_KIND = 3;
  const OPEN = -1, ADDRESSES = -2;
  const PAGE = 100, MOST_PRINTED = 5000, MOST_GROUPS = 60, MOST_PAIRS = 200;
  const KIND_NAMES = ["FROM_INTERNET", "FROM_EVERY_NAMESPACE", "FROM_UNKNOWN_PODS",
    "TO_EVERYTHING", "TO_INTERNET", "TO_METADATA"];

  const byId = (id) => document.getElementById(id);
  const count = (number) => number.toLocaleString("en-US");
  const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };

  // ---- The table of connections ----

  const filterForm = byId("filter"), textInput = byId("filter-text");
  const fromSelect = byId("filter-from"), toSelect = byId("filter-to"), kindSelect = byId("filter-kind");
  const body = byId("rows").tBodies[0], more = byId("more"), found = byId("filter-count");

  const place = (statement) => paths[statement[0]] ? `${paths[statement[0]]}:${statement[1]}` : "built in";

  // Every text is looked at once a search, however many rows have it.
  const lower = (texts) => texts.map((text) => text.toLowerCase());
  let haystacks = null;
  const searched = () => haystacks ??= {
    nodes: lower(nodes.map((node) => node[NAME])),
    ports: lower(ports),
    statements: lower(statements.map((one) => `${one[2]} ${place(one)} ${one[3] ?? ""} ${changes[one[4]] ?? ""}`)),
  };

  const having = (texts, term) => {
    const marks = new Uint8Array(texts.length);
    for (let index = 0; index < texts.length; index++) marks[index] = texts[index].includes(term) ? 1 : 0;
    return marks;
  };

  const matcher = (term) => {
    const { nodes: names, ports: portTexts, statements: texts } = searched();
    const inName = having(names, term), inPorts = having(portTexts, term), inStatement = having(texts, term);
    const inReason = new Uint8Array(reasons.length);
    reasons.forEach((some, index) => { inReason[index] = some.some((one) => inStatement[one]) ? 1 : 0; });
    return (row) => inName[row[FROM]] || inName[row[TO]] || inPorts[row[PORTS]]
      || (row[SENDER_OPENED] >= 0 && inReason[row[SENDER_OPENED]])
      || (row[RECEIVER_OPENED] >= 0 && inReason[row[RECEIVER_OPENED]]);
  };

  const mask = () => {
    const kind = kindSelect.value;
    if (!kind) return 0;
    const named = { UNDECIDED, TEMPORARY, EXPOSURE }[kind];
    return named ?? 1 << (FIRST_KIND + KIND_NAMES.indexOf(kind));
  };

  const matching = () => {
    const tests = textInput.value.toLowerCase().split(/\s+/).filter(Boolean).map(matcher);
    const from = fromSelect.value, to = toSelect.value, wanted = mask();
    return rows.filter((row) => (!wanted || row[FLAGS] & wanted)
      && (!from || nodes[row[FROM]][GROUP] === from)
      && (!to || nodes[row[TO]][GROUP] === to)
      && tests.every((test) => test(row)));
  };

  const statementItem = (statement) => {
    const item = element("li", "", element("code", statement[2]), " ");
    const since = statement[4] === undefined ? "" : `, since ${changes[statement[4]]}`;
    const where = element("span", place(statement) + since);
    where.className = "place";
    item.append(where);
    return item;
  };

  const endItems = (title, opened) => {
    if (opened === ADDRESSES) return [];
    const label = element("span", opened === OPEN ? `${title} not isolated` : `${title} opened by `);
    label.className = "end";
    if (opened === OPEN) return [element("li", "", label)];
    const items = reasons[opened].map((index) => statementItem(statements[index]));
    if (items.length) items[0].prepend(label);
    return items;
  };

  const whyCell = (row) => {
    const list = element("ul");
    const same = row[SENDER_OPENED] === row[RECEIVER_OPENED] && row[SENDER_OPENED] >= 0;
    if (same) list.append(...endItems("both ends", row[SENDER_OPENED]));
    else list.append(...endItems("egress", row[SENDER_OPENED]), ...endItems("ingress", row[RECEIVER_OPENED]));
    for (const fact of row.slice(FACTS)) list.append(element("li", `depends on ${facts[fact]}`));
    return element("td", "", list);
  };

  const rowElement = (row) => element("tr", "",
    element("td", nodes[row[FROM]][NAME]), element("td", nodes[row[TO]][NAME]),
    element("td", ports[row[PORTS]]), whyCell(row));

  let chosen = rows, shown = 0;
  const showMore = (limit) => {
    const part = document.createDocumentFragment();
    for (const row of chosen.slice(shown, limit)) part.append(rowElement(row));
    body.append(part);
    shown = Math.min(limit, chosen.length);
    more.hidden = shown >= chosen.length;
    more.textContent = `Show ${count(Math.min(PAGE, chosen.length - shown))} more of ${count(chosen.length)}`;
  };

  const filter = () => {
    chosen = matching();
    shown = 0;
    body.replaceChildren();
    showMore(PAGE);
    found.textContent = chosen.length === rows.length
      ? plural(rows.length, "connection") : `${count(chosen.length)} of ${plural(rows.length, "connection")}`;
  };

  const groups = [...new Set(rows.flatMap((row) => [nodes[row[FROM]][GROUP], nodes[row[TO]][GROUP]]))].sort();
  for (const select of [fromSelect, toSelect]) {
    for (const group of groups) {
      const option = element("option", group);
      option.value = group;
      select.append(option);
    }
  }
  KIND_NAMES.forEach((name, index) => {
    if (!rows.some((row) => row[FLAGS] & 1 << (FIRST_KIND + index))) return;
    const option = element("option", kinds[index]);
    option.value = name;
    kindSelect.append(option);
  });

  const showConnections = ({ text = "", from = "", to = "", kind = "" }) => {
    textInput.value = text;
    fromSelect.value = from;
    toSelect.value = to;
    kindSelect.value = kind;
    filter();
    byId("connections").scrollIntoView();
    textInput.focus({ preventScroll: true });
  };

  filterForm.hidden = false;
  filterForm.addEventListener("submit", (event) => event.preventDefault());
  filterForm.addEventListener("input", filter);
  filterForm.addEventListener("reset", () => setTimeout(filter));
  more.addEventListener("click", () => showMore(shown + PAGE));
  filter();

  for (const button of document.querySelectorAll("button[data-kind]")) {
    button.hidden = false;
    button.addEventListener("click", () => showConnections({ kind: button.dataset.kind }));
  }
  for (const figure of document.querySelectorAll(".viewer")) {
    figure.addEventListener("node", (event) => {
      if (event.detail === null) return;
      textInput.value = drawn[event.detail];
      filter();
    });
  }

  // All chosen rows are printed, as far as anybody would want the paper.
  window.addEventListener("beforeprint", () => { if (shown < MOST_PRINTED) showMore(MOST_PRINTED); });
  window.addEventListener("afterprint", filter);

  // ---- The matrix of namespaces ----

  const matrixForm = byId("matrix-form"), matrixSearch = byId("matrix-search");
  const holder = byId("matrix-table"), detail = byId("matrix-detail"), matrixCount = byId("matrix-count");
  const isOutside = new Map(nodes.map((node) => [node[GROUP], !node[IN_NAMESPACE]]));
  const pairs = new Map();
  const weights = new Map();
  for (const row of rows) {
    const from = nodes[row[FROM]][GROUP], to = nodes[row[TO]][GROUP];
    if (!pairs.has(from)) pairs.set(from, new Map());
    const own = pairs.get(from);
    if (!own.has(to)) own.set(to, []);
    own.get(to).push(row);
    weights.set(from, (weights.get(from) ?? 0) + 1);
    weights.set(to, (weights.get(to) ?? 0) + 1);
  }
  const inOrder = (some) => some.sort((a, b) =>
    isOutside.get(b) - isOutside.get(a) || (a < b ? -1 : a > b ? 1 : 0));

  const visibleGroups = () => {
    const term = matrixSearch.value.toLowerCase();
    const some = groups.filter((group) => isOutside.get(group) || group.toLowerCase().includes(term));
    some.sort((a, b) => isOutside.get(b) - isOutside.get(a) || weights.get(b) - weights.get(a));
    return { all: some.length, kept: inOrder(some.slice(0, MOST_GROUPS)) };
  };

  const heading = (group, scope) => {
    const made = element("th", group);
    made.scope = scope;
    if (isOutside.get(group)) made.className = "outside";
    return made;
  };

  const showMatrix = () => {
    const { all, kept } = visibleGroups();
    const senders = kept.filter((group) => kept.some((to) => pairs.get(group)?.has(to)));
    const receivers = kept.filter((group) => senders.some((from) => pairs.get(from).has(group)));
    const most = Math.max(1, ...senders.flatMap((from) => receivers.map((to) => pairs.get(from).get(to)?.length ?? 0)));
    const table = element("table", "", element("thead", "", element("tr", "", element("td"),
      ...receivers.map((group) => heading(group, "col")))));
    const content = element("tbody");
    for (const from of senders) {
      const line = element("tr", "", heading(from, "row"));
      for (const to of receivers) line.append(cell(from, to, most));
      content.append(line);
    }
    table.append(content);
    holder.replaceChildren(table);
    matrixCount.textContent = all > kept.length
      ? `the ${count(kept.length)} of ${count(all)} with the most connections; search for others`
      : `${count(all)} namespaces and peers outside of them`;
  };

  const cell = (from, to, most) => {
    const made = element("td");
    if (from === to) made.className = "own";
    const some = pairs.get(from).get(to);
    if (some) {
      const button = element("button", count(some.length));
      button.type = "button";
      button.setAttribute("aria-label", `${from} to ${to}: ${plural(some.length, "connection")}`);
      button.setAttribute("aria-pressed", "false");
      button.style.setProperty("--share", `${Math.round(8 + 32 * Math.log1p(some.length) / Math.log1p(most))}%`);
      button.dataset.from = from;
      button.dataset.to = to;
      made.append(button);
    }
    return made;
  };

  const showDetail = (from, to) => {
    const some = pairs.get(from).get(to);
    const table = element("table", "", element("thead", "", element("tr", "",
      ...["From", "To", "Ports"].map((name) => { const th = element("th", name); th.scope = "col"; return th; }))));
    const content = element("tbody");
    for (const row of some.slice(0, MOST_PAIRS)) {
      content.append(element("tr", "", element("td", nodes[row[FROM]][NAME]),
        element("td", nodes[row[TO]][NAME]), element("td", ports[row[PORTS]])));
    }
    table.append(content);
    const button = element("button", `Show why (${plural(some.length, "connection")})`);
    button.type = "button";
    button.addEventListener("click", () => showConnections({ from, to }));
    detail.replaceChildren(element("h3", `${from} to ${to}`), element("p", "", button), table);
  };

  holder.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const wasPressed = button.getAttribute("aria-pressed") === "true";
    for (const other of holder.querySelectorAll("[aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
    if (wasPressed) { detail.replaceChildren(); return; }
    button.setAttribute("aria-pressed", "true");
    showDetail(button.dataset.from, button.dataset.to);
  });
  matrixForm.hidden = false;
  matrixForm.addEventListener("submit", (event) => event.preventDefault());
  matrixSearch.addEventListener("input", showMatrix);
  // It is below the first view, so the first view need not wait for it.
  setTimeout(showMatrix);
  setTimeout(searched);

  // ---- What ends soon, seen from the day on which the page is read ----

  const ending = byId("ending");
  if (ending && !ending.textContent) {
    const today = new Date().toISOString().slice(0, 10);
    const within = { "ended already": 0, "ends within 30 days": 0, "ends within 90 days": 0, "ends later": 0 };
    for (const time of document.querySelectorAll("#temporary time")) {
      const days = (Date.parse(time.dateTime) - Date.parse(today)) / 86400000;
      const when = days < 0 ? "ended already" : days <= 30 ? "ends within 30 days"
        : days <= 90 ? "ends within 90 days" : "ends later";
      within[when] += 1;
      time.closest("tr").querySelector(".when").textContent = when;
    }
    const parts = Object.entries(within).filter(([, number]) => number).map(([when, number]) => `${count(number)} ${when}`);
    ending.textContent = `Seen from ${today}, the day of reading: ${parts.join(", ")}.`;
  }
}
