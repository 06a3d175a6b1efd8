#!lua flags=allow-oom
-- Reads new entries one by one, so that no reply is larger than the bytes that the consumer may have. What does not fit is put aside: it waits
-- under a name that is nobody's, uncounted and for anybody to reclaim, while the entries behind it go on.
--
-- KEYS 1 stream · 2 the newest large entry
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 the name under which large ones wait · 5 lease in ms · 6 count · 7 bytes, after which no
--      more is looked at · 8… free bytes, room, large, alone, as in budget · 12 the entry up to which nothing is known by a note ('' = the newest
--      there is, '-' = passed)
-- Returns {{{entry, number, {name, value, …}}, …}, 1 = something was put aside, 1 = a large entry may be among those not yet read,
-- argument 12 of the next call}
--@ budget
--@ ids
set_budget(ARGV[8], ARGV[9], ARGV[10], ARGV[11])
local unknown = ARGV[12]
if unknown == '' then
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  unknown = newest and newest[1] or '-'
end

local taken, aside, at_end, last = {}, 0, false, nil
while #taken < tonumber(ARGV[6]) and budget.free >= small and budget.seen < tonumber(ARGV[7]) do
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
    taken[#taken + 1] = {last, 1, entry[2] or false}
  else
    local name = bytes > small and ARGV[4] or ARGV[3]
    redis.call('XCLAIM', KEYS[1], ARGV[1], name, 0, last, 'IDLE', ARGV[5], 'RETRYCOUNT', 0, 'JUSTID')
    aside = 1
  end
end
clean_up()

local newest = not at_end and redis.pcall('GET', KEYS[2])
local ahead = newest and (type(newest) ~= 'string' or not string.find(newest, '^%d+%-%d+$') or not last or less(last, newest))
if at_end or (unknown ~= '-' and last and not less(last, unknown)) then unknown = '-' end
return {taken, aside, (ahead or unknown ~= '-') and 1 or 0, unknown}
