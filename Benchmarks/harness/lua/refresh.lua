-- Refreshes, the sessions in turn, each with the token of its last answer, until LIMIT refreshes are answered (0: no limit).
dofile(os.getenv("LUA") .. "/common.lua")

-- A queue of the sessions that wait for their turn: one that is being refreshed is not in it.
local tokens, first, last, answered = {}, 1, 0, 0
local limit = tonumber(os.getenv("LIMIT") or "0")

local function append(token)
  last = last + 1
  tokens[last] = token
end

local function take()
  local token = tokens[first]
  tokens[first], first = nil, first + 1
  return token
end

init = function(arguments)
  for _, token in ipairs(lines()) do append(token) end
  local start = head("POST") .. "Content-Length: 0\r\nAuthorization: Bearer "
  request = function() return start .. take() .. "\r\n\r\n" end
end

response = function(status, headers, body)
  append(string.match(body, '"refresh_token":"([^"]+)"'))
  answered = answered + 1
  if answered == limit then finish() end
end
