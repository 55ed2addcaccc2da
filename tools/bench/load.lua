-- A wrk script that prints its figures on one line.
-- If BENCH_BODY is set, it sends POST requests, each with a new UUID for %KEY% and a new client address.

local body = os.getenv("BENCH_BODY")
math.randomseed(os.time() + tonumber(tostring({}):match("0x(%x+)"), 16) % 1000003)

local function hex(digits)
  local text = ""
  for _ = 1, digits do text = text .. string.format("%x", math.random(0, 15)) end
  return text
end

if body then
  function request()
    local key = hex(8) .. "-" .. hex(4) .. "-4" .. hex(3) .. "-8" .. hex(3) .. "-" .. hex(12)
    wrk.headers["X-Forwarded-For"] =
      string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))
    return wrk.format("POST", nil, nil, (body:gsub("%%KEY%%", key)))
  end
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format("FIGURES %d %f %f %f %f %d", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, summary.errors.status + failed))
end
