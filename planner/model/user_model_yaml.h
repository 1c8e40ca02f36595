// The layers and runs of a user's own model.
#pragma once

#include "planner/files/reader.h"
#include "planner/files/writer.h"
#include "planner/model/model.h"

namespace galvatron {

// Reads `layers` and `runs`; the caller finishes the map.
UserModel read_user_model(MapReader& reader);
void write_user_model(YamlWriter& out, const UserModel& model);

}  // namespace galvatron
