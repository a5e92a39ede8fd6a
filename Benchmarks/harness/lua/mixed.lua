-- 90 % verification, 8 % profile, 1.5 % refresh, 0.5 % login. Lines: "access TOKEN", "refresh TOKEN", "login BODY".
dofile(os.getenv("LUA") .. "/common.lua")

local lists = { access = {}, refresh = {}, login = {} }
local access, login = 0, 0

local function text(method, path, rest) return method .. " " .. path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n" .. rest end

local function bearer(method, path, token)
  return text(method, path, "Content-Length: 0\r\nAuthorization: Bearer " .. token .. "\r\n\r\n")
end

local function next_access()
  access = access % #lists.access + 1
  return lists.access[access]
end

local function log_in()
  login = login % #lists.login + 1
  local body = lists.login[login]
  return text("POST", "/api/auth/login/", "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
end

init = function(arguments)
  for _, line in ipairs(lines()) do
    local kind, rest = string.match(line, "^(%w+) (.*)$")
    table.insert(lists[kind], rest)
  end
  math.randomseed(1)
  request = function()
    local chance = math.random()
    if chance < 0.005 then return log_in() end
    if chance < 0.02 then return bearer("POST", "/api/auth/refresh/", table.remove(lists.refresh, 1)) end
    if chance < 0.1 then return bearer("GET", "/api/profile/", next_access()) end
    return bearer("GET", "/api/auth/verify", next_access())
  end
end

-- A session that was refreshed waits at the end of the queue for its next turn. So does the new one of a login.
response = function(status, headers, body)
  local token = string.find(body, "refresh_token", 1, true) and string.match(body, '"refresh_token":"([^"]+)"')
  if token then table.insert(lists.refresh, token) end
end
