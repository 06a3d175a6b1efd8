#!lua flags=allow-oom
-- Moves an entry to the dead letters, whole, as one step, also when Redis is full.
-- Keeps: an entry is never in both places and never in neither; only the owner buries.
--
-- KEYS 1 stream · 2 dead letters
-- ARGV 1 group · 2 consumer · 3 entry · 4 number · 5 first failure; then name, value, … of the record
-- Returns {1, dead letter's id} · {0} not ours any more · {2} the entry is gone from the stream: only acknowledged
--@ owned
if not owned(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return {0} end
local entry = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
if not entry then return {2} end

-- An entry that was replayed brings its first failure and its count of replays with it.
local record, replayed = entry[2], false
for i = 1, #record, 2 do replayed = replayed or record[i] == 'first-failure' end
if not replayed then
  record[#record + 1] = 'first-failure'
  record[#record + 1] = ARGV[5]
  record[#record + 1] = 'replays'
  record[#record + 1] = '0'
end
for i = 6, #ARGV do record[#record + 1] = ARGV[i] end
return {1, redis.call('XADD', KEYS[2], '*', unpack(record))}
