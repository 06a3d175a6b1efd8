#!lua flags=no-writes
-- Dead letters without their messages: a page of them may be gigabytes with.
--
-- KEYS 1 dead letters · ARGV 1 from · 2 to · 3 count
-- Returns {{id, {name, value, …}}, …}
local letters = {}
for _, letter in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])) do
  local fields = {}
  for i = 1, #letter[2], 2 do
    if letter[2][i] ~= 'raw' then
      fields[#fields + 1] = letter[2][i]
      fields[#fields + 1] = letter[2][i + 1]
    end
  end
  letters[#letters + 1] = {letter[1], fields}
end
return letters
