import Testing

@testable import Prover

/// A history that keeps the promises has no violation; one that breaks a promise has that one.
@Suite struct CheckerTests {
    @Test func `a life that keeps every promise has no violation`() {
        var story = Story()
        story.logIn()
        story.use(1)
        let first = story.refresh(1)
        story.refresh(1, giving: first)
        story.use(2)
        story.use(1)
        story.wait(.seconds(7))
        story.use(1, .refused("invalid_token"))
        story.refresh(2)
        story.end(.logOut, 3)
        story.use(3, .refused("invalid_token"))
        story.present(.refresh, story.pair(3).refresh, .refused("invalid_token"))
        #expect(story.invariants == [])
    }

    @Test(arguments: [Operation.Kind.logOut, .endAll, .revoke])
    func `a token that is accepted after its session's acknowledged end is found`(kind: Operation.Kind) {
        var story = Story()
        story.logIn()
        story.present(kind, kind == .revoke ? story.pair(1).refresh : story.pair(1).access, .accepted)
        story.use(1)
        #expect(story.invariants == [.acknowledgedEnd])
    }

    @Test(arguments: [Operation.Kind.endOthers, .endAll, .endOne(Story.session)])
    func `an end from another session counts as well`(kind: Operation.Kind) {
        var story = Story()
        story.logIn()
        story.endFromElsewhere(kind)
        story.use(1)
        #expect(story.invariants == [.acknowledgedEnd])
    }

    @Test func `a request that was under way when the end was acknowledged may be accepted`() {
        var story = Story()
        story.logIn()
        let start = story.now
        story.end(.logOut, 1)
        story.add(.use, story.pair(1).access, start: start, .accepted)
        #expect(story.invariants == [])
    }

    @Test func `a login that ended after the end of all sessions began may live`() {
        var story = Story()
        let start = story.now
        story.endFromElsewhere(.endAll)
        story.logIn(from: start)
        story.use(1)
        #expect(story.invariants == [])
    }

    @Test func `a session that reuse ended is dead`() {
        var story = Story()
        story.logIn()
        story.refresh(1)
        story.refresh(2)
        story.present(.refresh, story.pair(1).refresh, .refused("refresh_token_reused"))
        story.use(3)
        #expect(story.invariants == [.acknowledgedEnd])
    }

    @Test func `a token that comes back is found`() {
        var story = Story()
        story.logIn()
        story.present(.logOut, story.pair(1).access, .unknown("cut"))
        story.use(1, .refused("invalid_token"))
        story.use(1)
        #expect(story.invariants == [.deadToken])
    }

    @Test func `a token that was made up is found`() {
        var story = Story()
        story.logIn()
        story.present(.use, story.pair(1).access.madeUp, .accepted)
        #expect(story.invariants == [.deadToken])
    }

    @Test func `an access token that outlives its life, its grace or its grandchild is found`() {
        var old = Story()
        old.logIn()
        old.wait(.seconds(21))
        old.use(1)
        #expect(old.invariants == [.deadToken])

        var replaced = Story()
        replaced.logIn()
        replaced.refresh(1)
        replaced.wait(.seconds(7))
        replaced.use(1)
        #expect(replaced.invariants == [.deadToken])

        var grandparent = Story()
        grandparent.logIn()
        grandparent.refresh(1)
        grandparent.refresh(2)
        grandparent.use(1)
        #expect(grandparent.invariants == [.deadToken])
    }

    @Test func `two successors of one token are found`() {
        var story = Story()
        story.logIn()
        story.refresh(1)
        story.refresh(1, giving: story.pair(2, secret: "another"))
        #expect(story.invariants == [.oneSuccessor])
    }

    @Test func `a live token that is refused is found, unless its session may have been ended`() {
        var story = Story()
        story.logIn()
        story.use(1, .refused("invalid_token"))
        #expect(story.invariants == [.visibleChange])

        var doubtful = Story()
        doubtful.logIn()
        doubtful.present(.logOut, doubtful.pair(1).access, .unknown("503"))
        doubtful.use(1, .refused("invalid_token"))
        #expect(doubtful.invariants == [])

        var ended = Story()
        ended.logIn()
        ended.endFromElsewhere(.endOthers, .unknown("cut"))
        ended.use(1, .refused("invalid_token"))
        #expect(ended.invariants == [])
    }

    @Test func `a retry whose first answer was lost must converge`() {
        var story = Story()
        story.logIn()
        story.present(.refresh, story.pair(1).refresh, .unknown("cut"))
        story.wait(.seconds(1))
        story.present(.refresh, story.pair(1).refresh, .refused("refresh_token_reused"))
        #expect(story.invariants == [.converging])
    }

    @Test func `a retry after the grace may be reuse once the successor was used, or the window has passed`() {
        var used = Story()
        used.logIn()
        used.refresh(1)
        used.use(2)
        used.wait(.seconds(7))
        used.present(.refresh, used.pair(1).refresh, .refused("refresh_token_reused"))
        #expect(used.invariants == [])

        var unused = Story()
        unused.logIn()
        unused.refresh(1)
        unused.wait(.seconds(7))
        unused.present(.refresh, unused.pair(1).refresh, .refused("refresh_token_reused"))
        #expect(unused.invariants == [.converging])

        var late = Story()
        late.logIn()
        late.refresh(1)
        late.wait(.seconds(13))
        late.present(.refresh, late.pair(1).refresh, .refused("refresh_token_reused"))
        #expect(late.invariants == [])
    }

    @Test func `a replay that is taken for a retry is found`() {
        var grandparent = Story()
        grandparent.logIn()
        let second = grandparent.refresh(1)
        grandparent.refresh(2)
        grandparent.refresh(1, giving: second)
        #expect(grandparent.invariants == [.deadToken])

        var late = Story()
        late.logIn()
        late.refresh(1)
        late.wait(.seconds(13))
        late.refresh(1)
        #expect(late.invariants == [.deadToken])

        var used = Story()
        used.logIn()
        used.refresh(1)
        used.use(2)
        used.wait(.seconds(7))
        used.refresh(1)
        #expect(used.invariants == [.deadToken])

        var unrecorded = used
        unrecorded.rules.disturbances = [.seconds(2)..<(.seconds(3))]
        #expect(unrecorded.invariants == [])
    }

    @Test func `an end whose outcome is unknown casts no doubt on sessions of much later`() {
        var story = Story()
        story.endFromElsewhere(.endAll, .unknown("cut"))
        story.wait(.seconds(60))
        story.logIn()
        story.use(1, .refused("invalid_token"))
        #expect(story.invariants == [.visibleChange])
    }

    @Test func `no answer at all is a violation, unless something was wrong meanwhile`() {
        var story = Story()
        story.logIn()
        let start = story.now
        story.wait(.seconds(4))
        story.add(.use, story.pair(1).access, start: start, .unknown("no answer"))
        #expect(story.invariants == [.honestFailure])
        story.rules.disturbances = [.seconds(2)..<(.seconds(3))]
        #expect(story.invariants == [])
    }

    @Test func `a refresh that was carried out late may have ended the session`() {
        var story = Story()
        story.rules.freezes = [.zero..<(.seconds(60))]
        story.logIn()
        story.present(.refresh, story.pair(1).refresh, .unknown("no answer"))
        story.refresh(1)
        story.refresh(2)
        story.use(3, .refused("invalid_token"))
        #expect(story.invariants == [])
    }

    @Test func `a registered account that cannot log in is found, and an address that nobody registered`() {
        var story = Story()
        story.add(.register, nil, .accepted)
        story.add(.logIn, nil, .refused("invalid_credentials"))
        #expect(story.invariants == [.visibleChange])

        var taken = Story()
        taken.add(.register, nil, .refused("email_taken"))
        #expect(taken.invariants == [.visibleChange])

        var retried = Story()
        retried.add(.register, nil, .unknown("cut"))
        retried.add(.register, nil, .refused("email_taken"))
        #expect(retried.invariants == [])
    }

    @Test func `a wrong answer is a violation by itself`() {
        var story = Story()
        story.logIn()
        story.use(1, .wrong("500"))
        #expect(story.invariants == [.honestFailure])
    }
}
