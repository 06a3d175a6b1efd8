#!lua flags=allow-oom
-- Takes over deliveries whose lease has run out, from where the last call ended.
-- Keeps: what may have killed its consumers is handed out alone, so that it cannot burn the deliveries of others.
--
-- KEYS 1 stream · 2 vanished
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 lease in ms · 5 from, as in XPENDING · 6 count · 7 bytes, after which no more is taken
--      8 the number from which on a delivery is a suspect if the one before never ended · 9 the last number that is run
--      10 1 = a suspect may be taken, and nothing beside it; then the entries that the consumer itself has in work: it would run them twice
-- Returns {from where to go on ('-' = all has been seen), {{entry, number, {name, value, …}}, …}, 1 = a suspect is next}
--@ vanished
local from, bytes, taken, working = ARGV[5], 0, {}, {}
for i = 11, #ARGV do working[ARGV[i]] = true end
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[4], from, '+', ARGV[6])
for _, delivery in ipairs(pending) do
  local id, owner, number = delivery[1], delivery[2], delivery[4] + 1
  local suspect = owner ~= ARGV[3] and number >= tonumber(ARGV[8]) and number <= tonumber(ARGV[9])
  local ours = owner == ARGV[2] and working[id]
  if suspect and not ours and (ARGV[10] ~= '1' or #taken > 0) then return {from, taken, 1} end
  from = '(' .. id
  -- Empty when somebody has deleted the entry from the stream: then the claim has cleared the pending list of it, and the email is not processed.
  local entry = not ours and redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id)[1]
  if entry then
    taken[#taken + 1] = {entry[1], number, entry[2]}
    for _, text in ipairs(entry[2]) do bytes = bytes + #text end
    if suspect or bytes >= tonumber(ARGV[7]) then return {from, taken, 0} end
  elseif not ours then
    vanished(KEYS[2], 1, id)
  end
end
if #pending < tonumber(ARGV[6]) then from = '-' end
return {from, taken, 0}
