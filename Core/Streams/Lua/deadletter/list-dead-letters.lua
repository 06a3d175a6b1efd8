#!lua flags=no-writes
-- Lists dead letters without their messages. A dead letter of an older version has its message among its fields. So the script reads one at a
-- time and ends after a number of bytes, so that Redis serves others between two calls.
--
-- KEYS 1 dead letters · ARGV 1 from · 2 to · 3 count · 4 bytes of a field that are returned · 5 bytes after which no more are read
-- Returns {{{id, {name, value, …}}, …}, where to continue ('' = at the end)}
--@ checks
--@ fields
length_of(KEYS[1], 'XLEN')
local letters, from, read = {}, ARGV[1], 0
while #letters < tonumber(ARGV[3]) and read < tonumber(ARGV[5]) do
  local letter = redis.call('XRANGE', KEYS[1], from, ARGV[2], 'COUNT', 1)[1]
  if not letter then return {letters, ''} end
  local fields, seen = {}, {}
  for i = 1, #letter[2], 2 do
    local name, value = letter[2][i], letter[2][i + 1]
    read = read + #name + #value
    if known[name] and not seen[name] and name ~= 'more-fields' then
      seen[name] = true
      fields[#fields + 1] = name
      fields[#fields + 1] = string.sub(value, 1, ARGV[4])
    end
  end
  letters[#letters + 1] = {letter[1], fields}
  from = '(' .. letter[1]
end
return {letters, from}
