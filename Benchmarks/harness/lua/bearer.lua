-- Asks with one token after another. METHOD: GET unless said. ONCE: each token once, then the run ends.
dofile(os.getenv("LUA") .. "/common.lua")

init = function(arguments)
  local tokens, next, once = lines(), 0, os.getenv("ONCE")
  local start = head(os.getenv("METHOD") or "GET") .. "Authorization: Bearer "
  request = function()
    if once and next == #tokens - 2000 then finish() end -- what is under way needs some, too
    next = next % #tokens + 1
    return start .. tokens[next] .. "\r\n\r\n"
  end
end
