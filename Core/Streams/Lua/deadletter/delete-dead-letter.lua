#!lua flags=allow-oom
-- Deletes a dead letter with its message and records who did it; as a step of a job, only the job's progress.
--
-- KEYS 1 dead letters · 2 audit · 3 referers · 4 released · 5 the dead letter's message; of a job: 6 job · 7 its lock
-- ARGV 1 dead letter · 2 who · 3 now · 4 audit length; of a job: 5 holder of its lock · 6 dead letters that it has skipped before
--      7 its position before
-- Returns 1 deleted · 0 there was none · -1 the job may not act: nothing changed · -2 the job has done it before
--@ checks
--@ ids
--@ job
--@ audit
--@ index
--@ body
--@ referers
--@ collect
local stop = ARGV[5] and job_of(KEYS[6], KEYS[7], ARGV[5], ARGV[1], ARGV[7])
if stop then return stop == 'stopped' and -1 or -2 end
local body = body_key(KEYS[1], ARGV[1])
length_of(KEYS[1], 'XLEN')
check_audit(KEYS[2])
may(body, 'UNLINK', body)
-- While the slot moves, this fails and not the UNLINK.
redis.call('EXISTS', body)
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then
  if ARGV[5] then advance_job(KEYS[6], ARGV[1], 'skipped', ARGV[6]) end
  return 0
end
-- A dead letter of an older version has its message among its fields.
size_of(letter[2])
local stored = reference_of(letter[2])
if stored then check_referers(KEYS[3], stored) end
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('UNLINK', body)
index_letter(KEYS[1], ARGV[1], letter[2], -1)
if ARGV[5] then
  advance_job(KEYS[6], ARGV[1], 'done', ARGV[6])
else
  audit(KEYS[2], ARGV[4], 'at', ARGV[3], 'who', ARGV[2], 'what', 'delete', 'letter', ARGV[1], 'count', 1)
end
if stored then unrefer(KEYS[3], stored, 'd:' .. ARGV[1]) end
letter = nil
clean_up()
return 1
