-- The index of the dead letters, by fingerprint. A dead letter's group is its fingerprint, or '' when it has none of the usual form.
--   sorted set email_ingestion_dlq_index: '<group>:<position>:<mailbox>' for each dead letter, with score 0: the order is that of the texts
--   sorted set email_ingestion_dlq_groups: each group with its count
--   hash email_ingestion_dlq_group:<group>: the count of each mailbox in the group, of at most 200; '' counts the others
-- It changes in the step that adds or removes a dead letter. It is for people: when it cannot be written, the script continues without it,
-- and DeadLetterIndex repairs it. The keys are built from the dead letters' key, as in body.lua.
local function index_key(dead_letters, part)
  return (string.gsub(dead_letters, '^email_ingestion_dlq', 'email_ingestion_dlq_' .. part, 1))
end

local function group_of(fingerprint)
  return fingerprint and #fingerprint <= 64 and string.find(fingerprint, '^[%w_%.%-]+$') and fingerprint or ''
end

-- An ID as text that sorts like the ID: each half after a character for its length.
local function position_of(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return string.char(64 + #ms) .. ms .. string.char(64 + #seq) .. seq
end

local function id_at(member)
  local ms, seq = string.match(member, ':%u(%d+)%u(%d+):')
  return ms .. '-' .. seq
end

-- The group and the mailbox among the fields of a dead letter. Of two fields of one name the first counts.
local function place_of(fields)
  local found = {}
  for i = 1, #fields, 2 do
    local name = fields[i]
    if (name == 'fingerprint' or name == 'mailbox') and not found[name] then found[name] = fields[i + 1] end
  end
  return group_of(found['fingerprint']), string.sub(found['mailbox'] or '', 1, 512)
end

local function count_of(index, group)
  return redis.call('ZLEXCOUNT', index, '[' .. group .. ':', '(' .. group .. ';')
end

local function is_usable(index, groups, mailboxes)
  return (pcall(function()
    length_of(index, 'ZCARD')
    length_of(groups, 'ZCARD')
    length_of(mailboxes, 'HLEN')
    may(index, 'ZLEXCOUNT', index, '-', '+')
    for _, key in ipairs({index, groups}) do
      may(key, 'ZADD', key, '0', 'a')
      may(key, 'ZREM', key, 'a')
    end
    for _, command in ipairs({'HGET', 'HDEL'}) do may(mailboxes, command, mailboxes, 'a') end
    may(mailboxes, 'HINCRBY', mailboxes, 'a', '1')
    may(mailboxes, 'UNLINK', mailboxes)
  end))
end

local function count_group(index, groups, mailboxes, group, mailbox, by)
  local known = redis.call('HGET', mailboxes, mailbox)
  if not known and (by < 0 or redis.call('HLEN', mailboxes) >= 200) then mailbox = '' end
  local count = redis.call('HINCRBY', mailboxes, mailbox, by)
  if count <= 0 then redis.call('HDEL', mailboxes, mailbox) end
  count = count_of(index, group)
  if count > 0 then
    redis.call('ZADD', groups, count, group)
  else
    redis.call('ZREM', groups, group)
    redis.call('UNLINK', mailboxes)
  end
end

-- Adds a dead letter to the index or, with by = -1, removes it. Safe to repeat.
local function index_letter(dead_letters, id, fields, by)
  local group, mailbox = place_of(fields)
  local index, groups = index_key(dead_letters, 'index'), index_key(dead_letters, 'groups')
  local mailboxes = index_key(dead_letters, 'group:' .. group)
  if not is_usable(index, groups, mailboxes) then return end
  pcall(function()
    local member = group .. ':' .. position_of(id) .. ':' .. mailbox
    local changed = by > 0 and redis.call('ZADD', index, 0, member) or by < 0 and redis.call('ZREM', index, member)
    if changed == 1 then count_group(index, groups, mailboxes, group, mailbox, by) end
  end)
end
