-- Lua frees strings only when its heap has doubled, and Redis 8 counts that heap as used memory. So a script that has read more than 1 MiB
-- collects its garbage at the end. Strings that it still references stay.
local looked = 0
local function size_of(fields)
  local bytes = 0
  for _, text in ipairs(fields) do bytes = bytes + #text end
  looked = looked + bytes
  return bytes
end

local function clean_up()
  if looked > 1048576 then pcall(function() collectgarbage() end) end
end
