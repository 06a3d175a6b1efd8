#!lua
-- Appends a batch of one mailbox and moves its cursor, as one step. It also adds the dead letters that the poller writes.
-- A backfill appends below the cursor and moves a position of its own in the same hash.
-- Keeps: the append and the cursor's move are atomic; nothing is appended twice; outstanding work never exceeds the stream limit; no entry refers
-- to a body in Redis that is not there or shorter than the entry says, and a body in Redis to which nothing refers is not left.
--
-- KEYS 1 stream · 2 dead letters · 3 cursor · 4 digests of today; only after an epoch has changed: digests of earlier days, digest logs;
--      last four: notes of the mailbox, count of notes that were not made, the newest large entry, referers
-- ARGV 1 epoch · 2 the UID this batch follows · 3 stream limit (0 = none) · 4 digest life in seconds (0 = keep none)
--      5 count of digest logs · 6 the job of a backfill ('' = a poll) · 7 count of items · 8 note of a dead letter, without its UID ('' = none)
--      9 mailbox · 10 the most notes of a mailbox;
--      per item: UID, kind (e = entry, r = entry that refers to its body, d = dead letter), digest, count of values, name, value, …
-- Returns {status, last UID, appended, duplicates, dead-lettered}; status: ok · full (the limit is reached) · moved (the cursor is not where this
-- batch begins: another poll moved it, or the batch before was not appended whole; or another job backfills the mailbox, or the batch of a backfill
-- is above the cursor) · uncounted (a log has uncounted digests: nothing is written) · bodiless (a body is not in Redis any more, or not whole:
-- nothing is written)
--@ checks
--@ index
--@ body
--@ referers
--@ notes
-- Bodies in Redis are written just before this script, in the same transaction, or staged: written in pieces to a key of another name, which this
-- script renames. They expire unless this script keeps them.
local referers, job, items, first_item = KEYS[#KEYS], ARGV[6], tonumber(ARGV[7]), 11
local function each_reference(visit)
  local at = first_item
  for _ = 1, items do
    local first, count = at + 4, tonumber(ARGV[at + 3])
    if ARGV[at + 1] == 'r' then visit(tonumber(ARGV[at]), reference_of({unpack(ARGV, first, first + count - 1)})) end
    at = first + count
  end
end

-- A body without an end was kept by an earlier append, also when somebody has deleted the hash. By pcall: a body that is not deleted expires.
-- A staged body stays for a repeat of a refused append.
local function discard_bodies()
  each_reference(function(_, body)
    local key = stored_key(referers, body.name)
    local life = body.store == 'redis' and not redis.pcall('HGET', referers, body.name) and redis.pcall('TTL', key)
    if type(life) == 'number' and life >= 0 then redis.pcall('UNLINK', key) end
  end)
end

local fills = job ~= ''
-- Emails above the cursor are for polls.
local function is_above(live)
  local at = first_item
  for _ = 1, items do
    if tonumber(ARGV[at]) > live then return true end
    at = at + 4 + tonumber(ARGV[at + 3])
  end
  return false
end

local cursor = redis.call('HMGET', KEYS[3], 'epoch', 'last', 'backfill_job', 'backfill_last', 'backfill_appended', 'backfill_dead')
local epoch, last = cursor[1], tonumber(cursor[2])
local moved = epoch ~= ARGV[1] or not last
if fills and not moved then
  moved = cursor[3] ~= job or is_above(last)
  last = tonumber(cursor[4])
end
if moved or not last or last < tonumber(ARGV[2]) then
  discard_bodies()
  return {'moved', last or -1, 0, 0, 0}
end

local mark, life = tonumber(ARGV[3]), tonumber(ARGV[4])
local days = #KEYS - 4 - tonumber(ARGV[5])
for log = days + 1, #KEYS - 4 do
  if redis.call('EXISTS', KEYS[log]) == 1 then
    discard_bodies()
    return {'uncounted', last, 0, 0, 0}
  end
end

-- An error here changes nothing. After the first write nothing can fail.
--@ outstanding
-- The length is never less than the outstanding work. When the batch fits by the length, the work is not read.
local work = length_of(KEYS[1], 'XLEN')
if mark > 0 and work + items > mark then work = outstanding(KEYS[1], work) end
may(KEYS[1], 'XADD', KEYS[1], '*', 'a', 'b')
may(KEYS[3], 'HSET', KEYS[3], 'a', 'b')
for day = 4, days do
  length_of(KEYS[day], 'HLEN')
  for _, command in ipairs(days > 4 and {'HMGET', 'HGET', 'HDEL'} or {'HMGET'}) do may(KEYS[day], command, KEYS[day], 'a') end
  may(KEYS[day], 'HSET', KEYS[day], 'a', 'b')
end
if life > 0 then
  may(KEYS[4], 'TTL', KEYS[4])
  may(KEYS[4], 'EXPIRE', KEYS[4], ARGV[4])
end
local item = first_item
for _ = 1, items do
  if ARGV[item + 1] == 'd' then
    check_letter(KEYS[2])
    if ARGV[8] ~= '' then check_notes(KEYS[#KEYS - 3]) end
    break
  end
  item = item + 4 + tonumber(ARGV[item + 3])
end

local has_references, bodiless, short = false, false, {}
each_reference(function(uid, body)
  has_references = true
  check_referers(referers, body)
  local key = stored_key(referers, body.name)
  if body.store == 'redis' then
    local staged, size = staged_key(referers, body.name), tonumber(body.size)
    may(key, 'PERSIST', key)
    local found = length_of(staged, 'STRLEN')
    if found > 0 then
      may(staged, 'RENAME', staged, key)
      may(staged, 'UNLINK', staged)
    end
    -- A failover may have lost the end of a body that was written in pieces.
    if found > 0 and found ~= size then short[#short + 1] = staged end
    if uid > last and found ~= size and length_of(key, 'STRLEN') ~= size then bodiless = true end
  end
end)
if bodiless then
  discard_bodies()
  for _, staged in ipairs(short) do redis.pcall('UNLINK', staged) end
  return {'bodiless', last, 0, 0, 0}
end

local status, appended, duplicates, dead = 'ok', 0, 0, 0

-- Content that an earlier epoch has counted is the same email with a new UID. Each count matches one email.
local function from_earlier_epoch(digest)
  for day = 4, days do
    for earlier = tonumber(epoch) - 1, math.max(0, tonumber(epoch) - 8), -1 do
      local field = earlier .. ':' .. digest
      local count = tonumber(redis.call('HGET', KEYS[day], field) or 0) or 0
      if count > 0 then
        if count == 1 then redis.call('HDEL', KEYS[day], field) else redis.call('HSET', KEYS[day], field, count - 1) end
        return true
      end
    end
  end
  return false
end

-- A body of this name and length has this content.
local function keep_body(name, size)
  local key, staged = stored_key(referers, name), staged_key(referers, name)
  if redis.call('STRLEN', key) ~= tonumber(size) then redis.call('RENAME', staged, key) end
  redis.call('PERSIST', key)
end

-- As ByteBudget.SmallBytes.
local newest_large
local function is_large(first, last)
  local bytes = 0
  for i = first, last do bytes = bytes + #ARGV[i] end
  return bytes > 65536
end

-- Digests are counted here and added at the end by two commands. One command per email was a third of an append's cost.
local fields, seen = {}, {}
local at = first_item
for _ = 1, items do
  local uid, kind, digest, count = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local first = at + 4
  at = first + count
  if uid > last then
    local known = digest ~= '' and days > 4 and from_earlier_epoch(digest)
    if known then
      duplicates = duplicates + 1
    elseif kind == 'd' then
      local letter, raw = {}, false
      for i = first, at - 1, 2 do
        if ARGV[i] == 'raw' then
          raw = #ARGV[i + 1] > 0 and ARGV[i + 1]
        else
          letter[#letter + 1] = ARGV[i]
          letter[#letter + 1] = ARGV[i + 1]
        end
      end
      add_letter(KEYS[2], letter, raw)
      if ARGV[8] ~= '' then add_note(KEYS[#KEYS - 3], KEYS[#KEYS - 2], ARGV[9], ARGV[8] .. uid, ARGV[10]) end
      dead = dead + 1
    else
      if mark > 0 and work >= mark then
        status = 'full'
        break
      end
      local entry = redis.call('XADD', KEYS[1], '*', unpack(ARGV, first, at - 1))
      if kind == 'r' then
        local body = reference_of({unpack(ARGV, first, at - 1)})
        refer(referers, body, 's:' .. entry)
        if body.store == 'redis' then keep_body(body.name, body.size) end
      elseif is_large(first, at - 1) then
        newest_large = entry
      end
      work = work + 1
      appended = appended + 1
    end
    if digest ~= '' and life > 0 then
      local field = epoch .. ':' .. digest
      if not seen[field] then fields[#fields + 1] = field end
      seen[field] = (seen[field] or 0) + 1
    end
    last = uid
  end
end

for from = 1, #fields, 1000 do
  local to = math.min(from + 999, #fields)
  local before, counts = redis.call('HMGET', KEYS[4], unpack(fields, from, to)), {}
  for i = from, to do
    counts[#counts + 1] = fields[i]
    counts[#counts + 1] = (tonumber(before[i - from + 1]) or 0) + seen[fields[i]]
  end
  redis.call('HSET', KEYS[4], unpack(counts))
end

if appended + duplicates + dead > 0 then
  if fills then
    redis.call('HSET', KEYS[3], 'backfill_last', last, 'backfill_appended', (tonumber(cursor[5]) or 0) + appended,
      'backfill_dead', (tonumber(cursor[6]) or 0) + dead)
  else
    redis.call('HSET', KEYS[3], 'last', last, 'missing', 0)
  end
  if life > 0 and redis.call('TTL', KEYS[4]) < 0 then redis.call('EXPIRE', KEYS[4], life) end
end
-- Without the note, consumers only read without a limit on bytes.
if newest_large then redis.pcall('SET', KEYS[#KEYS - 1], newest_large) end
if has_references then
  discard_bodies()
  if status == 'ok' then
    each_reference(function(_, body)
      if body.store == 'redis' then redis.pcall('UNLINK', staged_key(referers, body.name)) end
    end)
  end
end
return {status, last, appended, duplicates, dead}
