// Looks up digests in a list on one thread, as the server does: `lookups FILE SECONDS COUNT`. Built by blocklist.py together with
// DigestList.swift. The first COUNT look-ups are timed apart: the caller has dropped the file from memory.
import Glibc

let arguments = CommandLine.arguments
let list = try DigestList(path: arguments[1])
let (seconds, first) = (Double(arguments[2])!, Int(arguments[3])!)
let length = list.header.algorithm.rawValue
let file = fopen(arguments[1], "rb")!

@MainActor func absent() -> [UInt8] { (0..<length).map { _ in UInt8.random(in: 0...255) } }

@MainActor func present() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: length)
    fseek(file, DigestListHeader.length + Int.random(in: 0..<list.header.count) * length, SEEK_SET)
    guard fread(&digest, length, 1, file) == 1 else { fatalError("the list is too short") }
    return digest
}

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Look-ups a second.
@MainActor func rate(_ digests: [[UInt8]], found: Bool, for seconds: Double) -> Double {
    let start = now()
    var count = 0
    repeat {
        for digest in digests where list.contains(digest) != found { fatalError("a wrong answer") }
        count += digests.count
    } while now() - start < seconds
    return Double(count) / (now() - start)
}

let cold = rate((0..<first).map { _ in absent() }, found: false, for: 0)
let misses = (0..<1_000_000).map { _ in absent() }
let hits = (0..<1_000_000).map { _ in present() }
for digests in [misses, hits] { _ = rate(digests, found: digests == hits, for: 0) }
print(#"{"cold": \#(cold), "absent": \#(rate(misses, found: false, for: seconds)), "present": \#(rate(hits, found: true, for: seconds))}"#)
