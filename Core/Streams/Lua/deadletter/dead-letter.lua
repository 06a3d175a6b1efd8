#!lua flags=allow-oom
-- Moves a whole entry to the dead letters, as one step, also when Redis is full. It notes the email if its mailbox asks for it.
-- Keeps: an entry is never in both places and never in neither; only the owner dead-letters; on an error the entry stays pending; a body has a
-- referer all the time.
--
-- KEYS 1 stream · 2 dead letters · 3 vanished · 4 postponed · 5 referers;
--      with a note: 6 notes of the mailbox · 7 count of notes that were not made
-- ARGV 1 group · 2 consumer · 3 entry · 4 delivery count · 5 first failure · 6 note ('' = none) · 7 mailbox
--      8 the most notes of a mailbox; then name, value, … of the record
-- Returns {1, dead letter's ID} · {0} another consumer owns it · {2} the entry is gone from the stream: it is only acknowledged
--@ owned
--@ vanished
--@ checks
--@ fields
--@ index
--@ body
--@ referers
--@ notes
--@ collect
if not owned(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return {0} end
local entry = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
if not entry then
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
  vanished(KEYS[3], 1, ARGV[3])
  return {2}
end

size_of(entry[2])
may(KEYS[1], 'XACK', KEYS[1], ARGV[1], ARGV[3])
check_letter(KEYS[2])
local stored = reference_of(entry[2])
if stored then check_referers(KEYS[5], stored) end
if ARGV[6] ~= '' then check_notes(KEYS[6]) end

local own, has, raw = {}, {}, false
for i = 1, #entry[2], 2 do
  local name, value = entry[2][i], entry[2][i + 1]
  if name == 'raw' and not raw then
    raw = value
  else
    own[#own + 1] = name
    own[#own + 1] = value
    has[name] = true
  end
end

-- The record comes first, so that it takes precedence over fields of the same names in a foreign entry. A process of an older version does not
-- know where the message is: it reads the values apart and stored as a message that was never fetched, and replays nothing.
local letter = {'body', raw and 'apart' or stored and 'stored' or 'whole'}
for i = 9, #ARGV do letter[#letter + 1] = ARGV[i] end
for _, value in ipairs(bounded(own)) do letter[#letter + 1] = value end
-- A replayed entry already has its first failure and its count of replays.
for _, name in ipairs({'first-failure', 'replays'}) do
  if not has[name] then
    letter[#letter + 1] = name
    letter[#letter + 1] = name == 'replays' and '0' or ARGV[5]
  end
end
local id = add_letter(KEYS[2], letter, raw)
if stored then
  refer(KEYS[5], stored, 'd:' .. id)
  unrefer(KEYS[5], stored, 's:' .. ARGV[3])
end
if ARGV[6] ~= '' then add_note(KEYS[6], KEYS[7], ARGV[7], ARGV[6], ARGV[8]) end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.pcall('HDEL', KEYS[4], ARGV[3])
entry, raw = nil, nil
clean_up()
return {1, id}
