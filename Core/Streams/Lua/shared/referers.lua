-- What refers to each body, in one hash (StreamKeys.Bodies.Referers). A field is a body's name. Its value is the body's size and its referers,
-- with spaces between: '26214400 s:1700000000000-0 d:1700000000001-0'. s: is an entry of the stream, d: a dead letter. The field 'bytes' is the sum
-- of all sizes. Each script changes the hash in the step that adds or removes the entry or the dead letter. Check with length_of(hash, 'HLEN') and
-- may(hash, 'HSET', …) before the first write.

-- Adds a referer. Safe to repeat.
local function refer(hash, name, size, referer)
  local value = redis.call('HGET', hash, name)
  if not value then
    redis.call('HSET', hash, name, size .. ' ' .. referer)
    redis.call('HINCRBY', hash, 'bytes', size)
  elseif not string.find(value .. ' ', ' ' .. referer .. ' ', 1, true) then
    redis.call('HSET', hash, name, value .. ' ' .. referer)
  end
end

-- Removes a referer. Returns true when nothing refers to the body any more: the caller deletes it, in Redis in the same step.
local function unrefer(hash, name, referer)
  local value = redis.call('HGET', hash, name)
  if not value then return true end
  local size, left = string.match(value, '^%d+'), {}
  for other in string.gmatch(value, '[sd]:%S+') do
    if other ~= referer then left[#left + 1] = other end
  end
  if #left > 0 then
    redis.call('HSET', hash, name, size .. ' ' .. table.concat(left, ' '))
    return false
  end
  redis.call('HDEL', hash, name)
  if redis.call('HINCRBY', hash, 'bytes', '-' .. size) <= 0 then redis.call('HDEL', hash, 'bytes') end
  return true
end
