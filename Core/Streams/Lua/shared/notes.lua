-- Notes for the poller: whose outcome is settled, so that it does in the mailbox what the settings say. A member of the sorted set is
-- <outcome>:<UIDVALIDITY>:<epoch>:<UID>, as in SettledNote; its score is the time of the outcome in Unix ms.
local noted_at
-- Raises an error when add_note would fail. It runs before the first write.
local function check_notes(notes)
  length_of(notes, 'ZCARD')
  may(notes, 'ZADD', notes, 'NX', '1', 'a')
  local time = redis.call('TIME')
  noted_at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end

-- A repeated note keeps its time. Above the limit a note is only counted; by pcall, because the count is for people.
local function add_note(notes, unmade, mailbox, note, most)
  if redis.call('ZCARD', notes) < tonumber(most) then
    redis.call('ZADD', notes, 'NX', noted_at, note)
  else
    redis.pcall('HINCRBY', unmade, mailbox, 1)
  end
end
