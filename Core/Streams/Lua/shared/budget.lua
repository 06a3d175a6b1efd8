-- What a consumer may still be handed, in bytes. Small entries fit while there is room for one; a larger one must leave their share, but when
-- nothing large is in work one may go beyond. So no reply is larger than the room and one entry, and every entry comes to its turn.
local small = 65536
local budget
local function set_budget(free, room, large, alone)
  budget = {free = tonumber(free), room = tonumber(room), large = tonumber(large), alone = alone == '1', taken = 0, seen = 0}
end

local function size_of(fields)
  local bytes = 0
  for _, text in ipairs(fields) do bytes = bytes + #text end
  budget.seen = budget.seen + bytes
  return bytes
end

local function fits(bytes)
  if bytes <= small then return budget.free >= small end
  return bytes <= budget.room or budget.alone
end

local function take(bytes)
  budget.taken = budget.taken + bytes
  if bytes > small then
    if bytes > budget.large or bytes > budget.room then budget.alone = false end
    bytes = math.min(bytes, math.max(0, budget.room))
  end
  budget.free, budget.room = budget.free - bytes, budget.room - bytes
end

-- Lua frees what was only looked at when its heap has doubled: of such strings that is too late.
local function clean_up()
  if budget.seen > 1048576 then pcall(function() collectgarbage() end) end
end
