#!lua flags=allow-oom
-- Changes a job that has not ended, also when Redis is full: its progress, its state, its end. Adds an audit entry if there is one.
-- Keeps: only the process with the lock changes it, but for a cancellation; what has ended stays as it is; nothing changes if a failover has
-- taken back what the process relies on.
--
-- KEYS 1 the job · 2 open jobs · 3 audit · 4 its lock, unless a person cancels it · 5 a hash, if the process relies on it
-- ARGV 1 job's ID · 2 holder of the lock · 3 state · 4 audit length · 5 field of that hash · 6 its value
--      7 count of additions: name, number, … · then the count of values: name, value, …; then name, value, … of the audit entry
-- Returns 1 done · 0 the job has ended, another process has it, or the hash has another value: nothing changed
--@ checks
--@ audit
local now = length_of(KEYS[1], 'HLEN') > 0 and redis.call('HGET', KEYS[1], 'state')
local ends = {completed = true, cancelled = true, failed = true}
if not now or ends[now] or (KEYS[4] and redis.call('GET', KEYS[4]) ~= ARGV[2]) then return 0 end
if KEYS[5] and (redis.call('HGET', KEYS[5], ARGV[5]) or '') ~= ARGV[6] then return 0 end

length_of(KEYS[2], 'ZCARD')
may(KEYS[1], 'HSET', KEYS[1], 'a', 'b')
may(KEYS[2], 'ZREM', KEYS[2], 'a')
check_audit(KEYS[3])

local values, at = {'state', ARGV[3]}, 8
for _ = 1, ARGV[7] / 2 do
  values[#values + 1] = ARGV[at]
  values[#values + 1] = (tonumber(redis.call('HGET', KEYS[1], ARGV[at])) or 0) + ARGV[at + 1]
  at = at + 2
end
local last = at + ARGV[at]
for i = at + 1, last do values[#values + 1] = ARGV[i] end
redis.call('HSET', KEYS[1], unpack(values))
if ends[ARGV[3]] then redis.call('ZREM', KEYS[2], ARGV[1]) end
if last < #ARGV then audit(KEYS[3], ARGV[4], unpack(ARGV, last + 1)) end
return 1
