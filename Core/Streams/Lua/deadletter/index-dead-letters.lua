#!lua
-- Adds dead letters to the index that are not in it: those that an older version or a person wrote.
--
-- KEYS 1 dead letters · ARGV 1 from ('-' or '(' and an ID) · 2 the most that are read · 3 bytes after which no more are read
-- Returns {how many were added, where to continue ('' = at the end)}
--@ checks
--@ index
--@ collect
local index = index_key(KEYS[1], 'index')
length_of(KEYS[1], 'XLEN')
local added, from, bytes = length_of(index, 'ZCARD'), ARGV[1], 0
for _ = 1, tonumber(ARGV[2]) do
  local letter = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 1)[1]
  from = letter and '(' .. letter[1] or ''
  if not letter then break end
  bytes = bytes + size_of(letter[2])
  index_letter(KEYS[1], letter[1], letter[2], 1)
  if bytes >= tonumber(ARGV[3]) then break end
end
added = redis.call('ZCARD', index) - added
clean_up()
return {added, from}
