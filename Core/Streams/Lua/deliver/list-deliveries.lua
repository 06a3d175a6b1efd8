#!lua flags=no-writes,allow-oom
-- Lists pending deliveries, the oldest entry first, with what people need of each entry and without its message. Inside Redis no command returns
-- some fields of an entry only. So the script reads one entry at a time and ends after a number of bytes: Redis serves others between two calls.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 from ('-', or '(' and an ID) · 3 the most that are listed · 4 bytes after which no more are read (0 = read no entry: list
--      deliveries without fields) · 5 bytes of a field that are returned · 6 consumer ('' = all)
-- Returns {{{entry ID, consumer, idle in ms, delivery count, {name, value, …}}, …}, bytes read, where to continue ('' = at the end)}
--@ checks
--@ collect
length_of(KEYS[1], 'XLEN')
local most, bytes, read = tonumber(ARGV[3]), tonumber(ARGV[4]), 0
local wanted = {mailbox = true, uid = true, subject = true}
-- One more tells whether others follow.
local range = {KEYS[1], ARGV[1], ARGV[2], '+', most + 1}
if ARGV[6] ~= '' then range[6] = ARGV[6] end
local found = redis.call('XPENDING', unpack(range))
local listed = {}
for _, delivery in ipairs(found) do
  if #listed == most or (bytes > 0 and read >= bytes) then break end
  local entry = bytes > 0 and redis.call('XRANGE', KEYS[1], delivery[1], delivery[1])[1]
  local fields, seen = {}, {}
  if entry then
    read = read + size_of(entry[2])
    for i = 1, #entry[2], 2 do
      local name = entry[2][i]
      if wanted[name] and not seen[name] then
        seen[name] = true
        fields[#fields + 1] = name
        fields[#fields + 1] = string.sub(entry[2][i + 1], 1, ARGV[5])
      end
    end
  end
  delivery[5] = fields
  listed[#listed + 1] = delivery
end
clean_up()
if #listed == #found then return {listed, read, ''} end
return {listed, read, '(' .. listed[#listed][1]}
