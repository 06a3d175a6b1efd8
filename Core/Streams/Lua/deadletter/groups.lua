#!lua flags=no-writes
-- Lists the groups of the dead letters, the largest first. It reads the index only.
--
-- KEYS 1 dead letters
-- ARGV 1 the group to continue after · 2 its count then · 3 the most that are read (0 = answer the two numbers only) · 4 mailbox ('' = any)
--      5 1 = continue after the group, 0 = from the first
-- Returns {groups in all, 1 if the index has every dead letter, {{group, count, first ID, last ID, {mailbox, count, …}}, …},
-- the last group that was read, its count}; at the end the last two are missing
--@ checks
--@ index
local index, groups = index_key(KEYS[1], 'index'), index_key(KEYS[1], 'groups')
local whole = length_of(KEYS[1], 'XLEN') == length_of(index, 'ZCARD')
local total, rank = length_of(groups, 'ZCARD'), 0
if tonumber(ARGV[3]) == 0 then return {total, whole and 1 or 0} end
if ARGV[5] == '1' then
  local known = redis.call('ZREVRANK', groups, ARGV[1])
  -- The group is gone: on with those that are not larger than it was.
  rank = known and known + 1 or redis.call('ZCOUNT', groups, '(' .. ARGV[2], '+inf')
end

local read = redis.call('ZREVRANGE', groups, rank, rank + ARGV[3] - 1, 'WITHSCORES')
local found = {}
for i = 1, #read, 2 do
  local group = read[i]
  local mailboxes = redis.call('HGETALL', index_key(KEYS[1], 'group:' .. group))
  local wanted = ARGV[4] == ''
  for j = 1, #mailboxes, 2 do wanted = wanted or mailboxes[j] == ARGV[4] end
  if wanted then
    local low, high = '[' .. group .. ':', '(' .. group .. ';'
    local first = redis.call('ZRANGEBYLEX', index, low, high, 'LIMIT', 0, 1)[1]
    local last = redis.call('ZREVRANGEBYLEX', index, high, low, 'LIMIT', 0, 1)[1]
    if first then found[#found + 1] = {group, read[i + 1], id_at(first), id_at(last), mailboxes} end
  end
end
if #read < 2 * ARGV[3] then return {total, whole and 1 or 0, found} end
return {total, whole and 1 or 0, found, read[#read - 1], read[#read]}
