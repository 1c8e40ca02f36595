#include "executor/weights/refuse_file.h"

#include <utility>

#include "planner/files/spec_error.h"

namespace galvatron {

void refuse_file(const std::string& path, std::string code, std::string message) {
  throw SpecError(Diagnostic{.code = std::move(code), .message = std::move(message), .file = path});
}

}  // namespace galvatron
