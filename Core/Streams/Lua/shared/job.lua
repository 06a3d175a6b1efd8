-- A step of a job that removes a dead letter writes the job's progress with its effect, so that a crash neither repeats nor loses a count.
-- The job is a hash: 'position' is the last dead letter that it has decided. It may act while its lock has its process, and it has not ended.
-- Another position than the one before this step shows that a failover has taken steps back: the process reads the job again.
local function job_of(job, lock, holder, id, before)
  if redis.call('GET', lock) ~= holder then return 'stopped' end
  local now = redis.call('HMGET', job, 'state', 'position')
  if now[1] ~= 'running' and now[1] ~= 'waiting' then return 'stopped' end
  may(job, 'HSET', job, 'a', 'b')
  -- An earlier attempt has done it, and its answer was lost.
  if now[2] and string.find(now[2], '^%d+-%d+$') and not less(now[2], id) then return 'repeated' end
  if (now[2] or '') ~= before then return 'stopped' end
end

-- It cannot fail: the job's type and the right to write it are known.
local function advance_job(job, id, counter, skipped)
  local counts = redis.call('HMGET', job, counter, 'skipped')
  local count, before = (tonumber(counts[1]) or 0) + 1, tonumber(counts[2]) or 0
  if counter == 'skipped' then
    redis.call('HSET', job, 'position', id, 'skipped', count + skipped)
  else
    redis.call('HSET', job, 'position', id, counter, count, 'skipped', before + skipped)
  end
end
