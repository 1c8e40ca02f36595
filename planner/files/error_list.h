// Collects what is wrong with one file, or what to warn of, so that the user sees it all at once.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/files/spec_error.h"

namespace galvatron {

class ErrorList {
 public:
  // A hostile file could hold one error per byte; nobody reads past these.
  static constexpr std::size_t kMostDiagnostics = 100;

  // `source` must outlive the list.
  explicit ErrorList(const Source& source) : source_(&source) {}

  // Beyond the first kMostDiagnostics only their number is kept.
  void add(std::size_t offset, Problem problem);

  bool empty() const { return diagnostics_.empty(); }
  const Source& source() const { return *source_; }

  // In the order of adding; the last one counts what was left out.
  std::vector<Diagnostic> diagnostics() const;

  // Throws SpecError with everything collected, if anything was.
  void throw_if_any() const;

 private:
  const Source* source_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t left_out_ = 0;
};

}  // namespace galvatron
