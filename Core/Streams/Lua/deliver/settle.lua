#!lua flags=allow-oom
-- Acknowledges completed deliveries and remembers their emails, as one step, also when Redis is full. It notes the emails whose
-- mailbox asks for it.
-- Keeps: only the owner settles; an email is acknowledged and remembered, or neither; a body is deleted only when nothing refers to it any more;
-- an email is noted only with its acknowledgement.
--
-- KEYS 1 stream · 2 processed ids of today · 3 of yesterday, for a repeat after midnight · 4 postponed · 5 referers;
--      then the notes of each mailbox that has one here, and the count of notes that were not made;
--      then the keys that unrefer may change, released and bodies in Redis, so that a Cluster refuses the script while one of them moves
-- ARGV 1 group · 2 consumer · 3 life of the ids in seconds · 4 the most notes of a mailbox · 5 count of deliveries · 6 count of those whose delivery
--      count is not 1 · 7 count of bodies;
--      then the entry of each delivery, and then the email id of each ('' = remember nothing);
--      per delivery whose delivery count is not 1: its place among the deliveries, delivery count;
--      per body: the place of its delivery, store, name;
--      per note: the place of its delivery, the place of the notes among the keys, that of the count, mailbox, note
-- Returns nothing when all are settled now. Else per delivery: 1 settled · 2 was settled before (a repeat after a lost reply) · 0 another consumer
-- owns it
--@ owned
--@ checks
--@ referers
--@ notes
local count = tonumber(ARGV[5])
local first_email = 8 + count
local first_number = first_email + count
local first_body = first_number + 2 * ARGV[6]
local first_note = first_body + 3 * ARGV[7]

local function is_processed(email)
  return email ~= '' and (redis.call('SISMEMBER', KEYS[2], email) == 1 or redis.call('SISMEMBER', KEYS[3], email) == 1)
end

local numbers = {}
for at = first_number, first_body - 1, 2 do numbers[tonumber(ARGV[at])] = tonumber(ARGV[at + 1]) end

-- Deliveries that are settled together are usually neighbours, with some between them that still run. So one XPENDING reads them all. Those that
-- it does not return, as when the deliveries do not ascend, are read one by one.
local ours = {}
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[8], ARGV[7 + count], 2 * count, ARGV[2])) do
  ours[pending[1]] = pending[4]
end

-- The results of those that are not settled now.
local results, all = {}, true
for place = 1, count do
  local id, number, email = ARGV[7 + place], numbers[place] or 1, ARGV[first_email + place - 1]
  if ours[id] ~= number and not owned(KEYS[1], ARGV[1], ARGV[2], id, number) then
    results[place] = is_processed(email) and 2 or 0
  end
  all = all and not results[place] and email ~= ''
end

-- What is acknowledged and remembered: usually all, so that the arguments need no copy.
local ids = {of = ARGV, first = 8, last = 7 + count}
local emails = {of = ARGV, first = first_email, last = first_number - 1}
if not all then
  ids, emails = {of = {}, first = 1, last = 0}, {of = {}, first = 1, last = 0}
  local function add(list, value)
    list.last = list.last + 1
    list.of[list.last] = value
  end
  for place = 1, count do
    local email = ARGV[first_email + place - 1]
    if not results[place] then add(ids, ARGV[7 + place]) end
    if not results[place] and email ~= '' then add(emails, email) end
  end
end

-- Calls a command with all of them. Lua's stack has room for some thousand arguments.
local function in_parts(list, call)
  for at = list.first, list.last, 1000 do call(unpack(list.of, at, math.min(at + 999, list.last))) end
end

-- Only the bodies of deliveries that are settled now.
local bodies = {}
for at = first_body, first_note - 1, 3 do
  local place = tonumber(ARGV[at])
  if not results[place] then
    local body = {store = ARGV[at + 1], name = ARGV[at + 2], place = place}
    check_referers(KEYS[5], body)
    bodies[#bodies + 1] = body
  end
end

local notes = {}
for at = first_note, #ARGV, 5 do
  if not results[tonumber(ARGV[at])] then
    check_notes(KEYS[tonumber(ARGV[at + 1])])
    notes[#notes + 1] = at
  end
end

-- Steps that can fail come first. The acknowledgement comes last, because it gives up ownership.
local life = redis.call('TTL', KEYS[2])
if life < 0 then may(KEYS[2], 'EXPIRE', KEYS[2], ARGV[3]) end
if ids.last >= ids.first then may(KEYS[1], 'XACK', KEYS[1], ARGV[1], ids.of[ids.first]) end
in_parts(emails, function(...) redis.call('SADD', KEYS[2], ...) end)
if life < 0 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
for _, at in ipairs(notes) do
  add_note(KEYS[tonumber(ARGV[at + 1])], KEYS[tonumber(ARGV[at + 2])], ARGV[at + 3], ARGV[at + 4], ARGV[4])
end
in_parts(ids, function(...) redis.call('XACK', KEYS[1], ARGV[1], ...) end)
for _, body in ipairs(bodies) do unrefer(KEYS[5], body, 's:' .. ARGV[7 + body.place]) end
-- Usually nothing is postponed. By pcall: a wrong type of that key must not fail a settle that is done.
if redis.pcall('HLEN', KEYS[4]) ~= 0 then in_parts(ids, function(...) redis.pcall('HDEL', KEYS[4], ...) end) end

if next(results) == nil then return {} end
for place = 1, count do results[place] = results[place] or 1 end
return results
