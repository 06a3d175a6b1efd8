#!lua flags=allow-oom
-- Acknowledges completed deliveries and remembers their emails, as one step, also when Redis is full. It notes the emails whose
-- mailbox asks for it.
-- Keeps: only the owner settles; an email is acknowledged and remembered, or neither; a body is deleted only when nothing refers to it any more;
-- an email is noted only with its acknowledgement.
--
-- KEYS 1 stream · 2 processed ids of today · 3 of yesterday, for a repeat after midnight · 4 postponed · 5 referers;
--      then the notes of each mailbox that has one here, and the count of notes that were not made;
--      then the keys that unrefer may change, released and bodies in Redis, so that a Cluster refuses the script while one of them moves
-- ARGV 1 group · 2 consumer · 3 life of the ids in seconds · 4 count of bodies · 5 count of notes · 6 the most notes of a mailbox;
--      per body: the place of its delivery among the deliveries, store, name;
--      per note: the place of its delivery, the place of the notes among the keys, that of the count, mailbox, note;
--      then per delivery: entry, delivery count, email id ('' = remember nothing)
-- Returns per delivery: 1 settled · 2 was settled before (a repeat after a lost reply) · 0 another consumer owns it
--@ owned
--@ checks
--@ referers
--@ notes
local function is_processed(email)
  return email ~= '' and (redis.call('SISMEMBER', KEYS[2], email) == 1 or redis.call('SISMEMBER', KEYS[3], email) == 1)
end

-- Deliveries that are settled together are usually neighbours, with some between them that still run. So one XPENDING reads them all. Those that
-- it does not return, as when the deliveries do not ascend, are read one by one.
local first_note = 7 + 3 * ARGV[4]
local first = first_note + 5 * ARGV[5]
local count, ours = (#ARGV - first + 1) / 3, {}
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[first], ARGV[#ARGV - 2], 2 * count, ARGV[2])) do
  ours[pending[1]] = pending[4]
end

local result, ids, emails = {}, {}, {}
for at = first, #ARGV, 3 do
  local id, number, email = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if ours[id] == tonumber(number) or owned(KEYS[1], ARGV[1], ARGV[2], id, number) then
    ids[#ids + 1] = id
    if email ~= '' then emails[#emails + 1] = email end
    result[#result + 1] = 1
  else
    result[#result + 1] = is_processed(email) and 2 or 0
  end
end

-- Only the bodies of deliveries that are settled now.
local bodies = {}
for at = 7, first_note - 1, 3 do
  local place = tonumber(ARGV[at])
  if result[place] == 1 then
    local body = {store = ARGV[at + 1], name = ARGV[at + 2], place = place}
    check_referers(KEYS[5], body)
    bodies[#bodies + 1] = body
  end
end

local notes = {}
for at = first_note, first - 1, 5 do
  if result[tonumber(ARGV[at])] == 1 then
    check_notes(KEYS[tonumber(ARGV[at + 1])])
    notes[#notes + 1] = at
  end
end

-- Steps that can fail come first. The acknowledgement comes last, because it gives up ownership.
local life = redis.call('TTL', KEYS[2])
if life < 0 then may(KEYS[2], 'EXPIRE', KEYS[2], ARGV[3]) end
if #ids > 0 then may(KEYS[1], 'XACK', KEYS[1], ARGV[1], ids[1]) end
for at = 1, #emails, 1000 do redis.call('SADD', KEYS[2], unpack(emails, at, math.min(at + 999, #emails))) end
if life < 0 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
for _, at in ipairs(notes) do
  add_note(KEYS[tonumber(ARGV[at + 1])], KEYS[tonumber(ARGV[at + 2])], ARGV[at + 3], ARGV[at + 4], ARGV[6])
end
for at = 1, #ids, 1000 do redis.call('XACK', KEYS[1], ARGV[1], unpack(ids, at, math.min(at + 999, #ids))) end
for _, body in ipairs(bodies) do unrefer(KEYS[5], body, 's:' .. ARGV[first + 3 * (body.place - 1)]) end
-- Usually nothing is postponed. By pcall: a wrong type of that key must not fail a settle that is done.
if redis.pcall('HLEN', KEYS[4]) ~= 0 then
  for at = 1, #ids, 1000 do redis.pcall('HDEL', KEYS[4], unpack(ids, at, math.min(at + 999, #ids))) end
end
return result
