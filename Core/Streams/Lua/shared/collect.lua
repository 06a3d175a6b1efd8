-- Lua frees what a script has looked at when its heap has doubled, and Redis 8 counts that heap as used memory. After large strings it is collected
-- at once, except what the script still holds.
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
