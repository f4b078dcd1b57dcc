// The organisation of make_workload.py with cdk8s, its plain API objects: a chart a namespace,
// a file a chart. Reads the intents with one regular expression, checks nothing.
//
//     node synthesise.js INTENTS OUT       (NODE_PATH leads to cdk8s and constructs)

const fs = require("fs");
const path = require("path");
const { ApiObject, App, Chart, YamlOutputType } = require("cdk8s");

const ARROW = /^(\S+) <- (?:ns (\S+?)|(\d\S+?\/\d+)(?: except (\[[^\]]*\]|\S+?\/\d+))?|(\S+?)(?: in ns (\S+?))?)(?::(\[[^\]]*\]|[\w/-]+))?$/;
const list = (text) => text.replace(/[[\]]/g, "").split(/,\s*/);

function port(text) {
  const [numbers, protocol = "tcp"] = text.split("/");
  const [first, last] = numbers.split("-").map(Number);
  const found = { protocol: protocol.toUpperCase(), port: first };
  return last === undefined ? found : { ...found, endPort: last };
}

function peer([, , namespace, cidr, except, service, home]) {
  if (cidr) return { ipBlock: except ? { cidr, except: list(except) } : { cidr } };
  const where = namespace || home;
  return {
    ...(where && { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": where } } }),
    ...(service && { podSelector: { matchLabels: { app: service } } }),
  };
}

function rules(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const arrow = ARROW.exec(line);
    if (arrow) found.push({ from: [peer(arrow)], ...(arrow[7] && { ports: list(arrow[7]).map(port) }) });
  }
  return found;
}

const [intents, outdir] = process.argv.slice(2);
const app = new App({ outdir, yamlOutputType: YamlOutputType.FILE_PER_CHART });
for (const namespace of fs.readdirSync(intents).sort()) {
  if (!fs.statSync(path.join(intents, namespace)).isDirectory()) continue;
  const chart = new Chart(app, namespace, { namespace, disableResourceNameHashes: true });
  const policy = (name, spec) =>
    new ApiObject(chart, name, {
      apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec,
    });
  policy("default-deny", { podSelector: {}, policyTypes: ["Ingress"] });
  for (const file of fs.readdirSync(path.join(intents, namespace)).sort()) {
    const name = path.basename(file, ".intent");
    if (name === "_namespace") continue;
    const ingress = rules(fs.readFileSync(path.join(intents, namespace, file), "utf8"));
    policy(name, { podSelector: { matchLabels: { app: name } }, policyTypes: ["Ingress"], ingress });
  }
}
app.synth();
