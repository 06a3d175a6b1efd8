-- The bodies of large messages, which are not in their entries, and what refers to each: one hash (StreamKeys.Bodies.Referers). A field is a
-- body's name. Its value is the body's size and its referers, with spaces between: '26214400 s:1700000000000-0 d:1700000000001-0'. s: is an
-- entry of the stream, d: a dead letter. The field 'bytes' is the sum of all sizes. Each script changes the hash in the step that adds or removes
-- the entry or the dead letter, and calls check_referers before its first write.
-- A body in Redis is deleted in the step that removes its last referer. One elsewhere, whose name has a scope and a '/', goes to a sorted set
-- (StreamKeys.Bodies.Released), by the time in ms: BodyCleaner deletes it a minute later, so that a failover that loses the last second finds it.
-- While a slot moves to another node of a Cluster, a key that is not among a script's KEYS may be on the other node. So check_referers
-- touches each key that unrefer may change: its error then comes before the first write. It passes (RedisErrors), and the caller repeats.

-- The keys are built from the hash's key: email_ingestion_bodies:{p}, email_ingestion_body:<name>:{p}, email_ingestion_bodies_released:{p},
-- email_ingestion_body_staged:<name>:{p}.
local function stored_key(hash, name)
  return 'email_ingestion_body:' .. name .. string.sub(hash, #'email_ingestion_bodies' + 1)
end

local function staged_key(hash, name)
  return 'email_ingestion_body_staged:' .. name .. string.sub(hash, #'email_ingestion_bodies' + 1)
end

local function released_key(hash)
  return 'email_ingestion_bodies_released' .. string.sub(hash, #'email_ingestion_bodies' + 1)
end

-- The reference among the fields of an entry or a dead letter: {store, name, size}; nil when it refers to no body or has its message itself.
local function reference_of(fields)
  local found = {}
  for i = #fields - 1, 1, -2 do found[fields[i]] = fields[i + 1] end
  local store, name, size = found['raw-store'], found['raw-name'], found['raw-size']
  if found['raw'] or not (store and name and size) then return nil end
  if not string.find(name, '^[%x/%-]+$') or #size > 15 or not string.find(size, '^%d+$') then return nil end
  return {store = store, name = name, size = size}
end

-- Raises an error when a change of the referers would fail.
local function check_referers(hash, body)
  length_of(hash, 'HLEN')
  for _, command in ipairs({'HGET', 'HDEL'}) do may(hash, command, hash, 'a') end
  may(hash, 'HSET', hash, 'a', 'b')
  local key, released = stored_key(hash, body.name), released_key(hash)
  if body.store == 'redis' then
    may(key, 'UNLINK', key)
    redis.call('EXISTS', key)
  else
    length_of(released, 'ZCARD')
    may(released, 'ZADD', released, '1', 'a')
    may(released, 'ZREM', released, 'a')
    may('no key', 'TIME')
  end
end

-- The sum is for people. When it is no number any more, the script continues.
local function add_bytes(hash, size)
  local sum = redis.pcall('HINCRBY', hash, 'bytes', size)
  if type(sum) == 'number' and sum <= 0 then redis.pcall('HDEL', hash, 'bytes') end
end

-- Adds a referer. Safe to repeat.
local function refer(hash, body, referer)
  local value = redis.call('HGET', hash, body.name)
  if not value then
    redis.call('HSET', hash, body.name, body.size .. ' ' .. referer)
    add_bytes(hash, body.size)
    if body.store ~= 'redis' then redis.call('ZREM', released_key(hash), body.name) end
  elseif not string.find(value .. ' ', ' ' .. referer .. ' ', 1, true) then
    redis.call('HSET', hash, body.name, value .. ' ' .. referer)
  end
end

-- Removes a referer, and with the last one the body. When the hash does not know the body, somebody has changed the hash: the orphan pass decides.
local function unrefer(hash, body, referer)
  local value = redis.call('HGET', hash, body.name)
  if not value then return end
  local size, left = string.match(value, '^%d+') or '0', {}
  for other in string.gmatch(value, '[sd]:%S+') do
    if other ~= referer then left[#left + 1] = other end
  end
  if #left > 0 then
    redis.call('HSET', hash, body.name, size .. ' ' .. table.concat(left, ' '))
    return
  end
  redis.call('HDEL', hash, body.name)
  add_bytes(hash, '-' .. size)
  if body.store == 'redis' then
    redis.call('UNLINK', stored_key(hash, body.name))
  else
    local now = redis.call('TIME')
    redis.call('ZADD', released_key(hash), now[1] * 1000 + math.floor(now[2] / 1000), body.name)
  end
end
