#!lua flags=allow-oom
-- Adds what a process has done in a minute to the history. It has a field for each of 64 minutes, and for the latencies of each of 8 minutes.
--
-- KEYS 1 history
-- ARGV 1 minute · 2 appended · 3 settled · 4 dead-lettered · 5 outstanding entries · 6 1 = a process that has latencies reports this minute for the
--      first time · 7… bucket of latencies (q0 to q89 in the queue, p0 to p89 in the processor), count
-- Returns 1
local field = ARGV[1] % 64
local value = redis.call('HGET', KEYS[1], field)
local minute, appended, settled, dead = string.match(value or '', '^(%d+) (%d+) (%d+) (%d+) ')
if minute ~= ARGV[1] then appended, settled, dead = 0, 0, 0 end
local changes = {field, string.format('%s %d %d %d %s', ARGV[1], appended + ARGV[2], settled + ARGV[3], dead + ARGV[4], ARGV[5])}

if ARGV[6] ~= '0' or #ARGV > 6 then
  field = 'latency:' .. ARGV[1] % 8
  local known, processes, counts
  minute, processes, known = string.match(redis.call('HGET', KEYS[1], field) or '', '^(%d+) (%d+)(.*)$')
  counts = {}
  if minute == ARGV[1] and #processes < 7 then
    for bucket, count in string.gmatch(known, ' ([qp]%d%d?):(%d+)') do counts[bucket] = count end
  else
    processes = 0
  end
  for i = 7, #ARGV, 2 do counts[ARGV[i]] = (counts[ARGV[i]] or 0) + ARGV[i + 1] end
  local parts = {ARGV[1] .. ' ' .. processes + ARGV[6]}
  for bucket, count in pairs(counts) do parts[#parts + 1] = string.format('%s:%.0f', bucket, count) end
  changes[3], changes[4] = field, table.concat(parts, ' ')
end

-- Both fields or none: counts that could not be written are added again.
redis.call('HSET', KEYS[1], unpack(changes))
return 1
