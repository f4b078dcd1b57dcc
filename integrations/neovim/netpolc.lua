-- Netpolc in Neovim: put this file into the folder plugin/ of your configuration
-- (~/.config/nvim/plugin/netpolc.lua). It needs Neovim 0.7 or newer and `netpolc` on PATH,
-- installed with `pip install 'netpolc[lsp]'`.

local group = vim.api.nvim_create_augroup("netpolc", {})

-- Files that end in .intent hold intents.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  group = group,
  pattern = "*.intent",
  callback = function()
    vim.bo.filetype = "netpolc"
    vim.bo.commentstring = "# %s"
  end,
})

-- The project is the folder with netpolc.toml, or with intents/; else the folder of the file.
local function root_of(path)
  local folder = vim.fn.fnamemodify(path, ":p:h")
  local config = vim.fn.findfile("netpolc.toml", folder .. ";")
  if config ~= "" then
    return vim.fn.fnamemodify(config, ":p:h")
  end
  local intents = vim.fn.finddir("intents", folder .. ";")
  if intents ~= "" then
    return vim.fn.fnamemodify(intents, ":p:h:h")
  end
  return folder
end

-- Opens the page of a rule, which the server returns as Markdown.
local function explain(command)
  vim.lsp.buf_request(0, "workspace/executeCommand", command, function(_, page)
    if page then
      vim.lsp.util.open_floating_preview(vim.split(page.markdown, "\n"), "markdown", {})
    end
  end)
end

local clients = {}

local function attach(buffer)
  local root = root_of(vim.api.nvim_buf_get_name(buffer))
  local config = {
    name = "netpolc",
    cmd = vim.g.netpolc_command or { "netpolc", "lsp" },
    root_dir = root,
    init_options = vim.g.netpolc_settings,
    commands = { ["netpolc.explainRule"] = explain },
  }
  if vim.lsp.start then -- Neovim 0.8 and newer
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  if clients[root] == nil or vim.lsp.get_client_by_id(clients[root]) == nil then
    clients[root] = vim.lsp.start_client(config)
  end
  if clients[root] ~= nil then
    vim.lsp.buf_attach_client(buffer, clients[root])
  end
end

-- YAML is attached to in projects alone: generated manifests lead back to their intents.
vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = { "netpolc", "yaml" },
  callback = function(event)
    local path = vim.api.nvim_buf_get_name(event.buf)
    local folder = vim.fn.fnamemodify(path, ":p:h")
    local is_project = vim.fn.findfile("netpolc.toml", folder .. ";") ~= ""
    if vim.bo[event.buf].filetype == "netpolc" or is_project then
      attach(event.buf)
    end
  end,
})
