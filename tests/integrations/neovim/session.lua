-- What a user does in Neovim: open a file, read the diagnostic, apply the code action, rename.
-- Run with the project's folder as working folder; writes what happened as JSON to result.json.

local result = {}

local function wait(what, check)
  if not vim.wait(20000, check, 50) then
    error("waited in vain for " .. what)
  end
end

local function codes()
  return vim.tbl_map(function(found)
    return found.code or (found.user_data and found.user_data.lsp and found.user_data.lsp.code)
  end, vim.diagnostic.get(0))
end

local function lines()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

local ok, problem = pcall(function()
  vim.cmd("edit intents/db.intent")
  result.filetype = vim.bo.filetype
  wait("diagnostics", function() return #codes() > 0 end)
  result.codes = codes()
  result.message = vim.diagnostic.get(0)[1].message

  -- The action that corrects the protocol, chosen where the user is asked.
  vim.ui.select = function(items, _, chosen)
    result.actions = vim.tbl_map(function(item) return item[2].title end, items)
    chosen(items[1], 1)
  end
  vim.api.nvim_win_set_cursor(0, { 3, 14 })
  vim.lsp.buf.code_action()
  wait("the fix", function() return lines():find("53/udp", 1, true) ~= nil end)
  wait("no diagnostics", function() return #codes() == 0 end)

  vim.api.nvim_win_set_cursor(0, { 3, 6 })
  vim.lsp.buf.rename("backend")
  wait("the new name", function() return lines():find("db <- backend:", 1, true) ~= nil end)
  vim.cmd("silent wall")
  result.text = lines()

  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "db   <-   backend:80" })
  vim.lsp.buf.formatting_sync(nil, 20000)
  result.formatted = vim.api.nvim_buf_get_lines(0, -2, -1, false)[1]
end)

result.problem = not ok and tostring(problem) or vim.NIL
vim.fn.writefile({ vim.fn.json_encode(result) }, "result.json")
vim.cmd("qall!")
