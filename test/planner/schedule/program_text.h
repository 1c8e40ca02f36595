// A rank program as golden text, one operation a line:
//   kind[.part] [layer[.unit]] [m micro-batch] [> forward, < backward] [collective ranks bytes]
#pragma once

#include <fmt/format.h>

#include <string>

#include "planner/schedule/program.h"

namespace galvatron {

inline bool shows_direction(OpKind kind) {
  return kind == OpKind::send || kind == OpKind::receive || kind == OpKind::redistribute ||
         kind == OpKind::gather || kind == OpKind::free_parameters;
}

inline std::string text_of(const Op& op) {
  std::string text(name_of(kOpNames, op.kind));
  if (op.part != Part::whole) text += fmt::format(".{}", name_of(kPartNames, op.part));
  if (op.layer >= 0) text += fmt::format(" {}", op.layer);
  if (op.unit >= 0) text += fmt::format(".{}", op.unit);
  if (op.micro_batch >= 0) text += fmt::format(" m{}", op.micro_batch);
  if (shows_direction(op.kind)) text += op.direction == Direction::forward ? " >" : " <";
  if (!communicates(op)) return text;
  text += fmt::format(" {} [", name_of(kCollectiveNames, op.collective));
  for (int index = 0; index < op.group.size; ++index) {
    text += fmt::format("{}{}", index > 0 ? " " : "", rank_at(op.group, index));
  }
  return text + fmt::format("] {}", op.payload.value);
}

inline std::string text_of(const RankProgram& program) {
  std::string text;
  for (const Op& op : program) text += text_of(op) + "\n";
  return text;
}

}  // namespace galvatron
