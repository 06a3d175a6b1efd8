#!lua flags=no-writes
-- Lists the ids of one mailbox's emails in the stream or among the dead letters. Redis cannot read an entry without its message, so the script
-- reads one at a time and ends after a number of bytes, so that Redis serves others between two calls.
--
-- KEYS 1 stream or dead letters
-- ARGV 1 from ('-', or '(' and an entry ID) · 2 mailbox · 3 the most that are read · 4 bytes after which no more are read
-- Returns {ids, the last entry that was read ('' = none), 1 = there may be more}
--@ checks
--@ collect
length_of(KEYS[1], 'XLEN')
local ids, from, last, bytes = {}, ARGV[1], '', 0
for _ = 1, tonumber(ARGV[3]) do
  if bytes >= tonumber(ARGV[4]) then break end
  local entry = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 1)[1]
  if not entry then
    clean_up()
    return {ids, last, 0}
  end
  last = entry[1]
  from = '(' .. last
  bytes = bytes + size_of(entry[2])
  local id, mailbox
  for i = 1, #entry[2], 2 do
    local name = entry[2][i]
    if name == 'id' then id = id or entry[2][i + 1] end
    if name == 'mailbox' then mailbox = mailbox or entry[2][i + 1] end
  end
  if id and mailbox == ARGV[2] then ids[#ids + 1] = id end
end
clean_up()
return {ids, last, 1}
