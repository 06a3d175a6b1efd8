#!lua
-- Removes from the index what a person has deleted from the dead letters, and corrects the counts of the groups that it reads.
--
-- KEYS 1 dead letters · ARGV 1 from ('-' or '(' and a member) · 2 the most that are read · 3 bytes after which no more are read
-- Returns {how many were removed, where to continue ('' = at the end)}
--@ checks
--@ index
--@ collect
local index, groups = index_key(KEYS[1], 'index'), index_key(KEYS[1], 'groups')
length_of(KEYS[1], 'XLEN')
length_of(index, 'ZCARD')
local members = redis.call('ZRANGEBYLEX', index, ARGV[1], '+', 'LIMIT', 0, ARGV[2])
local removed, bytes, last, checked = 0, 0, nil, {}
for _, member in ipairs(members) do
  last = member
  local group, ms, seq, mailbox = string.match(member, '^([^:]*):%u(%d+)%u(%d+):(.*)$')
  local letter = group and redis.call('XRANGE', KEYS[1], ms .. '-' .. seq, ms .. '-' .. seq)[1]
  if letter then
    bytes = bytes + size_of(letter[2])
    if not checked[group] then
      checked[group] = true
      if is_usable(index, groups, index_key(KEYS[1], 'group:' .. group)) then redis.call('ZADD', groups, count_of(index, group), group) end
    end
  elseif group then
    index_letter(KEYS[1], ms .. '-' .. seq, {'fingerprint', group, 'mailbox', mailbox}, -1)
    removed = removed + 1
  else
    -- Not from this product.
    redis.call('ZREM', index, member)
    removed = removed + 1
  end
  if bytes >= tonumber(ARGV[3]) then break end
end
clean_up()
return {removed, (#members < tonumber(ARGV[2]) and last == members[#members]) and '' or '(' .. last}
