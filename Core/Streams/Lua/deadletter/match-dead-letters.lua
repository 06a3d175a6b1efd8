#!lua flags=no-writes
-- Finds dead letters by mailbox and fingerprint, and returns what filters ask for, without the messages. With a fingerprint it reads only that
-- group, if the index has every dead letter. Like list-dead-letters.lua it reads one at a time and ends after a number of bytes.
--
-- KEYS 1 dead letters
-- ARGV 1 from · 2 to ('-', '+', an ID, or '(' and an ID) · 3 newest first (1 or 0) · 4 the most that are read
--      5 bytes after which no more are read · 6 bytes of a field that are returned · 7 fingerprint ('' = any) · 8 mailbox ('' = any)
-- Returns {{{id, mailbox, fingerprint, reason, error-type, from, subject, replays}, …}, how many were read, where to continue ('' = at the end)}
--@ checks
--@ index
--@ collect
local dead_letters, newest = KEYS[1], ARGV[3] == '1'
local length = length_of(dead_letters, 'XLEN')
local index, group = index_key(dead_letters, 'index'), group_of(ARGV[7])
local indexed = group ~= '' and redis.call('ZCARD', index) == length

-- A bound of the dead letters as a bound of the index.
local function bound(text, lower)
  if text == '-' then return '[' .. group .. ':' end
  if text == '+' then return '(' .. group .. ';' end
  local id = string.match(text, '%d+-%d+')
  local excluded = string.sub(text, 1, 1) == '('
  return (lower and not excluded and '[' or '(') .. group .. ':' .. position_of(id) .. (lower == excluded and ';' or ':')
end

local members, at = {}, 0
if indexed then
  local low, high = bound(ARGV[1], true), bound(ARGV[2], false)
  members = newest and redis.call('ZREVRANGEBYLEX', index, high, low, 'LIMIT', 0, ARGV[4])
    or redis.call('ZRANGEBYLEX', index, low, high, 'LIMIT', 0, ARGV[4])
end

local from, to = ARGV[1], ARGV[2]
-- The next dead letter: its ID, and its fields (nil if somebody has deleted it). Nil at the end.
local function next_letter()
  local letter
  if indexed then
    at = at + 1
    if not members[at] then return nil end
    local id = id_at(members[at])
    letter = redis.call('XRANGE', dead_letters, id, id)[1]
    return id, letter and letter[2]
  end
  letter = newest and redis.call('XREVRANGE', dead_letters, to, from, 'COUNT', 1) or redis.call('XRANGE', dead_letters, from, to, 'COUNT', 1)
  letter = letter[1]
  if not letter then return nil end
  if newest then to = '(' .. letter[1] else from = '(' .. letter[1] end
  return letter[1], letter[2]
end

local names = {'mailbox', 'fingerprint', 'reason', 'error-type', 'from', 'subject', 'replays'}
local found, read, bytes, last = {}, 0, 0, nil
while read < tonumber(ARGV[4]) and bytes < tonumber(ARGV[5]) do
  local id, fields = next_letter()
  if not id then
    clean_up()
    return {found, read, ''}
  end
  read, last = read + 1, id
  if fields then
    bytes = bytes + size_of(fields)
    local values = {}
    for i = #fields - 1, 1, -2 do values[fields[i]] = fields[i + 1] end
    if (ARGV[7] == '' or values['fingerprint'] == ARGV[7]) and (ARGV[8] == '' or values['mailbox'] == ARGV[8]) then
      local row = {id}
      for _, name in ipairs(names) do row[#row + 1] = string.sub(values[name] or '', 1, ARGV[6]) end
      found[#found + 1] = row
    end
  end
end
clean_up()
return {found, read, '(' .. last}
