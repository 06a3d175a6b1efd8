-- Only XINFO STREAM returns the last ID and the counts. It also returns the first and the last entry, whose bodies are dropped.
local function stream_of(key)
  local reply, stream = redis.call('XINFO', 'STREAM', key), {}
  for i = 1, #reply, 2 do stream[reply[i]] = reply[i + 1] end
  for _, name in ipairs({'first-entry', 'last-entry'}) do
    local entry = stream[name]
    stream[name] = entry and entry[1]
    if entry then size_of(entry[2]) end
  end
  return stream
end
