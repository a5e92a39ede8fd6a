-- Posts one JSON body after another.
dofile(os.getenv("LUA") .. "/common.lua")

init = function(arguments)
  local bodies, next = lines(), 0
  local start = head("POST") .. "Content-Type: application/json\r\nContent-Length: "
  request = function()
    next = next % #bodies + 1
    return start .. #bodies[next] .. "\r\n\r\n" .. bodies[next]
  end
end
