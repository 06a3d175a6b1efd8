#!lua flags=allow-oom
-- Reads new entries one by one, so that a consumer receives no more bytes than it may have. An entry that does not fit is set aside: it waits,
-- uncounted, under a name that no consumer has. Any consumer may reclaim it, and the entries after it are still read. Only XREADGROUP finds new
-- entries, and it returns their bodies. The script returns only the size of a large entry, so that its body does not stay in Lua. The consumer
-- fetches it by XRANGE.
--
-- KEYS 1 stream · 2 the newest large entry
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 the name under which large entries wait · 5 lease in ms · 6 count · 7 bytes after which no
--      more are read · 8 bytes after which no more are set aside · 9… free bytes, room, large, alone, as in budget · 13 the entry up to which
--      large entries may have no note ('' = the newest entry, '-' = passed)
-- Returns {{{entry, delivery count, {name, value, …} or its size or nil when it was deleted}, …}, {{entry, size}, …} that were set aside, 1 = a
-- large entry may be unread, argument 13 of the next call}
--@ budget
--@ collect
--@ ids
set_budget(ARGV[9], ARGV[10], ARGV[11], ARGV[12])
local unknown = ARGV[13]
if unknown == '' then
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  unknown = newest and newest[1] or '-'
  size_of(newest and newest[2] or {})
end

local taken, aside, at_end, last = {}, {}, false, nil
local most_seen, most_aside = looked + ARGV[7], tonumber(ARGV[8])
while #taken < tonumber(ARGV[6]) and budget.free >= small and looked < most_seen and most_aside > 0 do
  local reply = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1, 'STREAMS', KEYS[1], '>')
  if not reply then
    at_end = true
    break
  end
  local entry = reply[1][2][1]
  last = entry[1]
  local bytes = size_of(entry[2] or {})
  if fits(bytes) then
    take(bytes)
    taken[#taken + 1] = {last, 1, bytes > small and bytes or entry[2] or false}
  else
    local name = bytes > small and ARGV[4] or ARGV[3]
    redis.call('XCLAIM', KEYS[1], ARGV[1], name, 0, last, 'IDLE', ARGV[5], 'RETRYCOUNT', 0, 'JUSTID')
    aside[#aside + 1] = {last, bytes}
    most_aside = most_aside - bytes
  end
end
clean_up()

local newest = not at_end and redis.pcall('GET', KEYS[2])
local ahead = newest and (type(newest) ~= 'string' or not string.find(newest, '^%d+%-%d+$') or not last or less(last, newest))
if at_end or (unknown ~= '-' and last and not less(last, unknown)) then unknown = '-' end
return {taken, aside, (ahead or unknown ~= '-') and 1 or 0, unknown}
