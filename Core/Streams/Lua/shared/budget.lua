-- The bytes that a consumer may still receive, counted as in ByteRoom.cs. A small entry fits while there is room for one. A larger entry must
-- leave their share to the small ones. When nothing large is in work, one entry may exceed that. So a consumer has at most the room and one
-- entry, and every entry gets its turn.
local small = 65536
local budget
local function set_budget(free, room, large, alone)
  budget = {free = tonumber(free), room = tonumber(room), large = tonumber(large), alone = alone == '1'}
end

local function fits(bytes)
  if bytes <= small then return budget.free >= small end
  return bytes <= budget.room or budget.alone
end

local function take(bytes)
  if bytes > small then
    if bytes > budget.large or bytes > budget.room then budget.alone = false end
    bytes = math.min(bytes, math.max(0, budget.room))
  end
  budget.free, budget.room = budget.free - bytes, budget.room - bytes
end
