-- What all scripts share. A run prints one JSON object on its last line, times in milliseconds.
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "p50": %.3f, "p90": %.3f, "p99": %.3f, "p999": %.3f, "worst": %.3f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
    latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, latency.max / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end

local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int, int);")

-- Ends the run before its time, with the report. It is what SIGINT does.
function finish() ffi.C.kill(ffi.C.getpid(), 2) end

function lines()
  local all = {}
  for line in io.lines(os.getenv("LINES_FILE")) do all[#all + 1] = line end
  return all
end

function head(method)
  return method .. " " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n"
end

-- DELAY: milliseconds that each connection waits before a request.
local pause = tonumber(os.getenv("DELAY") or "")
if pause then
  delay = function() return pause end
end
