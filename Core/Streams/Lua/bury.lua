#!lua flags=allow-oom
-- Moves an entry to the dead letters, whole, as one step, also when Redis is full.
-- Keeps: an entry is never in both places and never in neither; only the owner buries.
--
-- KEYS 1 stream · 2 dead letters · 3 vanished
-- ARGV 1 group · 2 consumer · 3 entry · 4 number · 5 first failure; then name, value, … of the record
-- Returns {1, dead letter's id} · {0} not ours any more · {2} the entry is gone from the stream: only acknowledged
--@ owned
--@ vanished
if not owned(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return {0} end
local entry = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
if not entry then
  vanished(KEYS[3], 1, ARGV[3])
  return {2}
end

-- The record comes first: it counts, should a stranger's entry have fields of the same names.
local letter, has = {}, {}
for i = 6, #ARGV do letter[#letter + 1] = ARGV[i] end
for i, value in ipairs(entry[2]) do
  letter[#letter + 1] = value
  if i % 2 == 1 then has[value] = true end
end
-- An entry that was replayed brings its first failure and its count of replays with it.
for _, name in ipairs({'first-failure', 'replays'}) do
  if not has[name] then
    letter[#letter + 1] = name
    letter[#letter + 1] = name == 'replays' and '0' or ARGV[5]
  end
end
return {1, redis.call('XADD', KEYS[2], '*', unpack(letter))}
