-- What refers to each body, in one hash (StreamKeys.Bodies.Referers). A field is a body's name. Its value is the body's size and its referers,
-- with spaces between: '26214400 s:1700000000000-0 d:1700000000001-0'. s: is an entry of the stream, d: a dead letter. The field 'bytes' is the sum
-- of all sizes. The sorted set 'released' (StreamKeys.Bodies.Released) has the bodies outside Redis that nothing refers to any more, by the time in
-- ms: BodyCleaner deletes them a minute later, so that a failover that loses the last second finds them. Each script changes both in the step that
-- adds or removes the entry or the dead letter. Check with length_of(hash, 'HLEN'), may(hash, 'HSET', …) and may(released, 'ZADD', …) before the
-- first write.

-- Adds a referer. Safe to repeat.
local function refer(hash, released, name, size, referer)
  local value = redis.call('HGET', hash, name)
  if not value then
    redis.call('HSET', hash, name, size .. ' ' .. referer)
    redis.call('HINCRBY', hash, 'bytes', size)
    redis.call('ZREM', released, name)
  elseif not string.find(value .. ' ', ' ' .. referer .. ' ', 1, true) then
    redis.call('HSET', hash, name, value .. ' ' .. referer)
  end
end

-- Removes a referer. Returns true when nothing refers to the body any more. The caller then deletes a body in Redis in the same step; one
-- elsewhere, whose name has a scope and a '/', is released.
local function unrefer(hash, released, name, referer)
  local value = redis.call('HGET', hash, name)
  if not value then return true end
  local size, left = string.match(value, '^%d+') or '0', {}
  for other in string.gmatch(value, '[sd]:%S+') do
    if other ~= referer then left[#left + 1] = other end
  end
  if #left > 0 then
    redis.call('HSET', hash, name, size .. ' ' .. table.concat(left, ' '))
    return false
  end
  redis.call('HDEL', hash, name)
  if redis.call('HINCRBY', hash, 'bytes', '-' .. size) <= 0 then redis.call('HDEL', hash, 'bytes') end
  if string.find(name, '/', 1, true) then
    local now = redis.call('TIME')
    redis.call('ZADD', released, now[1] * 1000 + math.floor(now[2] / 1000), name)
  end
  return true
end
