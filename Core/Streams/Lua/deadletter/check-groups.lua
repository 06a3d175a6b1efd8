#!lua
-- Removes groups without a dead letter, and counts the mailboxes of a group again if they do not add up.
--
-- KEYS 1 dead letters
-- ARGV 1 rank of the first · 2 the most that are read · 3 the most dead letters that are counted in one call; further ones of a group count
--      as others
-- Returns {how many were wrong, rank to continue at (-1 = at the end)}
--@ checks
--@ index
local index, groups = index_key(KEYS[1], 'index'), index_key(KEYS[1], 'groups')
length_of(index, 'ZCARD')
length_of(groups, 'ZCARD')

local function recount(group, count, mailboxes)
  redis.call('UNLINK', mailboxes)
  local counts, different, others = {}, 0, 0
  local members = redis.call('ZRANGEBYLEX', index, '[' .. group .. ':', '(' .. group .. ';', 'LIMIT', 0, ARGV[3])
  for _, member in ipairs(members) do
    local mailbox = string.match(member, '^[^:]*:%w+:(.*)$')
    if counts[mailbox] or different < 200 then
      if not counts[mailbox] then different = different + 1 end
      counts[mailbox] = (counts[mailbox] or 0) + 1
    else
      others = others + 1
    end
  end
  counts[''] = (counts[''] or 0) + others + count - #members
  for mailbox, number in pairs(counts) do
    if number > 0 then redis.call('HINCRBY', mailboxes, mailbox, number) end
  end
end

local read, wrong, kept = redis.call('ZRANGE', groups, ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES'), 0, 0
local counted, most = 0, tonumber(ARGV[3])
for i = 1, #read, 2 do
  local group, mailboxes = read[i], index_key(KEYS[1], 'group:' .. read[i])
  local count = count_of(index, group)
  if not is_usable(index, groups, mailboxes) then
    kept = kept + 1
  elseif count == 0 then
    redis.call('ZREM', groups, group)
    redis.call('UNLINK', mailboxes)
    wrong = wrong + 1
  else
    local fields, sum = redis.call('HGETALL', mailboxes), 0
    for j = 2, #fields, 2 do sum = sum + (tonumber(fields[j]) or 0) end
    if sum ~= count then
      -- Redis serves no other client meanwhile, so the next call counts this one.
      if counted > 0 and counted + math.min(count, most) > most then return {wrong, ARGV[1] + kept} end
      counted = counted + count
      recount(group, count, mailboxes)
      wrong = wrong + 1
    end
    kept = kept + 1
  end
end
return {wrong, #read < 2 * ARGV[2] and -1 or ARGV[1] + kept}
