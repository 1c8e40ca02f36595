#include "planner/cli/program_json.h"

namespace galvatron {
namespace {

Json ranks_json(const RankGroup& group) {
  Json json{{"first", group.first}, {"size", group.size}};
  if (group.ranks.empty()) {
    json["stride"] = group.stride;
  } else {
    json["all"] = group.ranks;
  }
  return json;
}

Json op_json(const Op& op) {
  Json json{{"op", name_of(kOpNames, op.kind)}};
  if (op.part != Part::whole) json["part"] = op.part == Part::start ? "start" : "wait";
  if (op.layer >= 0) json["layer"] = op.layer;
  if (op.unit >= 0) json["unit"] = op.unit;
  if (op.micro_batch >= 0) json["micro_batch"] = op.micro_batch;
  json["direction"] = op.direction == Direction::forward ? "forward" : "backward";
  if (communicates(op)) {
    json["collective"] = name_of(kCollectiveNames, op.collective);
    json["ranks"] = ranks_json(op.group);
    json["payload_bytes"] = op.payload.value;
  }
  return json;
}

}  // namespace

Json program_json(const RankProgram& program) {
  Json list = Json::array();
  for (const Op& op : program) list.push_back(op_json(op));
  return list;
}

}  // namespace galvatron
