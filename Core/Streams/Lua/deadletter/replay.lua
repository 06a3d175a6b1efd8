#!lua
-- Moves a dead letter back to the stream, as one step, and records who did it; as a step of a job, only the job's progress. Like an append it
-- stops at the stream limit.
--
-- KEYS 1 stream · 2 dead letters · 3 audit · 4 the newest large entry · 5 referers · 6 released · 7 the dead letter's message;
--      of a job: 8 job · 9 its lock
-- ARGV 1 dead letter · 2 stream limit (0 = none) · 3 who · 4 now · 5 audit length
--      6 of a job: holder of its lock, else '' · 7 dead letters that the job has skipped before · 8 its position before
--      then the names of the fields that only dead letters have
-- Returns {'replayed', entry} · {'missing'} · {'full'} · {'bodiless'} the message was never fetched, or is gone ·
-- {'stopped'} the job may not act: nothing changed · {'repeated'} the job has done it before
--@ outstanding
--@ checks
--@ ids
--@ job
--@ audit
--@ fields
--@ index
--@ body
--@ referers
--@ collect
local of_job = ARGV[6] ~= ''
local stop = of_job and job_of(KEYS[8], KEYS[9], ARGV[6], ARGV[1], ARGV[8])
if stop then return {stop} end
local function ended(status, counter)
  if of_job then advance_job(KEYS[8], ARGV[1], counter, ARGV[7]) end
  return {status}
end

length_of(KEYS[2], 'XLEN')
local letter = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]
if not letter then return ended('missing', 'skipped') end
local limit, length = tonumber(ARGV[2]), redis.call('XLEN', KEYS[1])
if limit > 0 and length >= limit and outstanding(KEYS[1], length) >= limit then return {'full'} end

local only, own, body, raw = {}, {}, nil, nil
for i = 9, #ARGV do only[ARGV[i]] = true end
for i = 1, #letter[2], 2 do
  local name, value = letter[2][i], letter[2][i + 1]
  if name == 'body' and not body then body = value end
  if name == 'replays' then value = (tonumber(value) or 0) + 1 end
  if name == 'raw' and not raw then
    raw = value
  elseif not only[name] then
    own[#own + 1] = name
    own[#own + 1] = value
  end
end

-- A consumer of an older version does not know references: to it an entry without a message is whole.
local key, stored = body_key(KEYS[2], ARGV[1]), nil
if (body == 'whole' or not body) and reference_of(letter[2]) then body = 'stored' end
-- A dead letter of an older version has its message among its fields, and its body is whole.
if body == 'apart' then
  raw = redis.call('GET', key)
  if not raw then return ended('bodiless', 'failed') end
elseif body == 'stored' then
  -- Whether a body outside Redis is there, the consumer finds out.
  stored = reference_of(letter[2])
  if not stored or (stored.store == 'redis' and redis.call('EXISTS', stored_key(KEYS[5], stored.name)) == 0) then
    return ended('bodiless', 'failed')
  end
elseif body and body ~= 'whole' then
  return ended('bodiless', 'failed')
end

-- The message has the position where an append writes it, before the fields that only replayed entries have.
local entry, placed = {}, not raw
for _, value in ipairs(bounded(own)) do
  if not placed and #entry % 2 == 0 and value == 'first-failure' then
    entry[#entry + 1] = 'raw'
    entry[#entry + 1] = raw
    placed = true
  end
  entry[#entry + 1] = value
end
if not placed then
  entry[#entry + 1] = 'raw'
  entry[#entry + 1] = raw
end

check_audit(KEYS[3])
may(KEYS[2], 'XDEL', KEYS[2], ARGV[1])
may(key, 'UNLINK', key)
-- While the slot moves, this fails and not the UNLINK.
redis.call('EXISTS', key)
if stored then check_referers(KEYS[5], stored) end
local id = redis.call('XADD', KEYS[1], '*', unpack(entry))
size_of({raw or ''})
-- As ByteBudget.SmallBytes. Without the note, consumers only read without a limit on bytes.
if raw and #raw > 65536 then redis.pcall('SET', KEYS[4], id) end
if stored then
  refer(KEYS[5], stored, 's:' .. id)
  unrefer(KEYS[5], stored, 'd:' .. ARGV[1])
end
redis.call('XDEL', KEYS[2], ARGV[1])
redis.call('UNLINK', key)
index_letter(KEYS[2], ARGV[1], letter[2], -1)
letter, entry, raw = nil, nil, nil
clean_up()
if of_job then
  advance_job(KEYS[8], ARGV[1], 'done', ARGV[7])
else
  audit(KEYS[3], ARGV[5], 'at', ARGV[4], 'who', ARGV[3], 'what', 'replay', 'letter', ARGV[1], 'entry', id, 'count', 1)
end
return {'replayed', id}
