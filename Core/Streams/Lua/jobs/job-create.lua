#!lua flags=allow-oom
-- Creates a job and records it in the audit, also when Redis is full. A preview that confirms it is used once. Of the jobs that have ended, it
-- keeps the newest.
--
-- KEYS 1 jobs · 2 open jobs · 3 the job · 4 audit · 5 the preview, if the job needs one
-- ARGV 1 job's ID · 2 its time in ms · 3 jobs that are kept · 4 the most open jobs · 5 audit length · 6 count of the values of the job;
--      then name, value, … of the job; then name, value, … of the audit entry
-- Returns 'created' · 'unconfirmed' the preview is gone · 'many' as many jobs are open as may be
--@ checks
--@ audit
length_of(KEYS[1], 'ZCARD')
local open = length_of(KEYS[2], 'ZCARD')
length_of(KEYS[3], 'HLEN')
check_audit(KEYS[4])
for i = 1, 2 do may(KEYS[i], 'ZADD', KEYS[i], '0', 'a') end
may(KEYS[3], 'HSET', KEYS[3], 'a', 'b')
if KEYS[5] then
  may(KEYS[5], 'UNLINK', KEYS[5])
  if redis.call('EXISTS', KEYS[5]) == 0 then return 'unconfirmed' end
end
if open >= tonumber(ARGV[4]) then return 'many' end

local first = 7 + ARGV[6]
redis.call('HSET', KEYS[3], unpack(ARGV, 7, first - 1))
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
if KEYS[5] then redis.call('UNLINK', KEYS[5]) end
audit(KEYS[4], ARGV[5], unpack(ARGV, first))

-- What is too much is removed by a later call where it cannot be removed now.
pcall(function()
  local many = redis.call('ZCARD', KEYS[1]) - ARGV[3]
  for _, id in ipairs(many > 0 and redis.call('ZRANGE', KEYS[1], 0, many - 1) or {}) do
    if not redis.call('ZSCORE', KEYS[2], id) then
      redis.call('UNLINK', (string.gsub(KEYS[1], '^email_ingestion_jobs', 'email_ingestion_job:' .. id, 1)))
      redis.call('ZREM', KEYS[1], id)
    end
  end
end)
return 'created'
