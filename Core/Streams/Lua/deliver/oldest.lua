#!lua flags=no-writes,allow-oom
-- Tells the ID of the first entry above a place in the stream. The entry, which may have tens of megabytes, stays in Redis: XRANGE would send it.
-- Nothing tells an unread ID without its body, which does not stay in Lua.
--
-- KEYS 1 stream
-- ARGV 1 that place
-- Returns the ID, or nil where there is no such entry
--@ collect
local function find()
  local entry = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 1)[1]
  if entry then size_of(entry[2]) end
  return entry and entry[1]
end

local id = find()
clean_up()
return id
