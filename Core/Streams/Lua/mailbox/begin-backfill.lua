#!lua
-- Begins the backfill of a mailbox for a job, or finds the one that the job has begun before. It reads up to the cursor of this moment.
-- The job remembers the numbering of the folder when it first began: its position is of that one.
-- Keeps: only the process with the job's lock begins, and a job begins once, so a process that stood still does not put another job back.
--
-- KEYS 1 cursor · 2 the job · 3 the lock of its lane
-- ARGV 1 the job's ID · 2 holder of the lock
-- Returns 3 the mailbox has another epoch than when the job first began · 2 the folder has another UIDVALIDITY than then · 1 the cursor
--         has this backfill · 0 the job has ended, or another process has it · -1 the mailbox has no cursor yet
--@ checks
local state = redis.call('HGET', KEYS[2], 'state')
if (state ~= 'running' and state ~= 'waiting') or redis.call('GET', KEYS[3]) ~= ARGV[2] then return 0 end
local cursor = redis.call('HMGET', KEYS[1], 'epoch', 'uidvalidity', 'last', 'backfill_job')
if cursor[4] == ARGV[1] then return 1 end
if not cursor[1] or not cursor[2] or not cursor[3] then return -1 end
local begun = redis.call('HMGET', KEYS[2], 'epoch', 'uidvalidity')
if begun[1] and begun[2] ~= cursor[2] then return 2 end
if begun[1] and begun[1] ~= cursor[1] then return 3 end
may(KEYS[1], 'HSET', KEYS[1], 'a', 'b')
may(KEYS[2], 'HSET', KEYS[2], 'a', 'b')
redis.call('HSET', KEYS[2], 'epoch', cursor[1], 'uidvalidity', cursor[2])
-- The job may have begun before another job took its place, or before a failover lost that: its counts go on.
local counts = redis.call('HMGET', KEYS[2], 'done', 'failed')
redis.call('HSET', KEYS[1], 'backfill_job', ARGV[1], 'backfill_epoch', cursor[1], 'backfill_uidvalidity', cursor[2],
  'backfill_until', cursor[3], 'backfill_last', 0, 'backfill_appended', counts[1] or 0, 'backfill_dead', counts[2] or 0)
return 1
