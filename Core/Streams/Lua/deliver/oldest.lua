#!lua flags=no-writes,allow-oom
-- Finds the ID of the first entry above a position in the stream. The entry may have tens of megabytes, which a plain XRANGE would send. Inside
-- Redis no command returns an unread ID without its body, so the script reads the body and frees it.
--
-- KEYS 1 stream
-- ARGV 1 that position
-- Returns the ID, or nil when there is no such entry
--@ collect
local function find()
  local entry = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 1)[1]
  if entry then size_of(entry[2]) end
  return entry and entry[1]
end

local id = find()
clean_up()
return id
