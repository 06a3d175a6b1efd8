-- Redis does not roll back a script, so each step that can fail is checked before the first write. The errors name the command and the key.
local function may(key, command, ...)
  local found, allowed = pcall(redis.acl_check_cmd, command, ...)
  if not found then error({err = 'ERR unknown command ' .. command}) end
  if not allowed then error({err = 'NOPERM this user may not run ' .. command .. ' on ' .. key}) end
end
-- The length of a key. Raises an error when the key has another type. The command is XLEN, HLEN, LLEN or SCARD.
local function length_of(key, command)
  local reply = redis.pcall(command, key)
  if type(reply) ~= 'table' then return reply end
  if string.find(reply['err'], '^WRONGTYPE') then
    error({err = 'WRONGTYPE ' .. key .. ' holds another kind of value than ' .. command .. ' counts'})
  end
  -- While the slot moves to another node of a Cluster, and the key is not on this one. It passes.
  if string.find(reply['err'], 'non local key', 1, true) then error(reply) end
  error({err = 'NOPERM this user may not run ' .. command .. ' on ' .. key})
end
