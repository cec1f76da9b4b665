// Step 2: a booking that survives what can go wrong between you and the broker.
//
//	go get github.com/rabbitmq/amqp091-go     # in this file's module
//	go run ./robust [DESTINATION [AGE [EMAIL]]]
//
// or, with Debian's packages golang-go and golang-github-rabbitmq-amqp091-go-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run robust/main.go [DESTINATION [AGE [EMAIL]]]
//
// (`go run` makes every failure exit status 1; `go build` first, for those below.)
//
// Environment: AMQP_URL (several, separated by commas, are the nodes of one cluster), TIMEOUT in seconds (60), and
// REQUEST_ID, to ask again for a request whose outcome stayed unknown.
// Exit status: 0 confirmed, 1 rejected, 2 unknown.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	mathrand "math/rand"
	"os"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	silence     = 3 * time.Second // without an answer, after which we ask
	confirmWait = 10 * time.Second
)

type request struct {
	RequestID     string `json:"request_id"`
	PassengerName string `json:"passenger_name"`
	PassengerAge  int    `json:"passenger_age"`
	Email         string `json:"email"`
	Destination   string `json:"destination"`
	HasPet        bool   `json:"has_pet"`
}

// outcome is an answer: of the booking (Status) or a refusal (Code).
type outcome struct {
	Status, Reason, Code, Detail, Currency string
	Problems                               []struct{ Field, Problem string }
	BookingNumber                          int64 `json:"booking_number"`
	TotalPrice                             int64 `json:"total_price"`
}

// final tells "pending" (the outcome is still to come) and "not_found" (the request waits in its queue) from the rest.
func (o outcome) final() bool {
	return o.Status != "pending" && o.Code != "not_found"
}

// book publishes the request until it has an outcome, or until ctx is done.
func book(ctx context.Context, urls []string, booking request) (outcome, error) {
	// Made once: the same request_id with other contents would be another request, and be refused.
	body, err := json.Marshal(booking)
	if err != nil {
		return outcome{}, err
	}
	delay := 200 * time.Millisecond
	for number := 0; ; number++ {
		result, err := attempt(ctx, urls[number%len(urls)], booking.RequestID, body)
		if err == nil || ctx.Err() != nil {
			return result, err
		}
		pause := delay/2 + time.Duration(mathrand.Int63n(int64(delay/2)))
		log.Printf("%v: the same request again in %v", err, pause.Round(time.Millisecond))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return outcome{}, ctx.Err()
		}
		if delay *= 2; delay > 5*time.Second {
			delay = 5 * time.Second
		}
	}
}

// attempt publishes the request on a new connection and waits for its outcome. It fails on a nack, a return
// (mandatory: no queue took it) and a lost connection; then nobody knows whether the broker has the request, and
// publishing it again is safe.
func attempt(ctx context.Context, url, id string, body []byte) (outcome, error) {
	connection, err := amqp.DialConfig(url, amqp.Config{
		Heartbeat: 10 * time.Second,
		Dial:      amqp.DefaultDial(5 * time.Second),
	})
	if err != nil {
		return outcome{}, err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return outcome{}, err
	}
	if err := channel.Confirm(false); err != nil {
		return outcome{}, err
	}
	// With room for all that can come, since the library waits until it is taken.
	confirmations := channel.NotifyPublish(make(chan amqp.Confirmation, 1))
	returned := channel.NotifyReturn(make(chan amqp.Return, 1))
	queue, err := channel.QueueDeclare("", false, false, true, false, nil) // exclusive
	if err != nil {
		return outcome{}, err
	}
	replies, err := channel.Consume(queue.Name, "", true, true, false, false, nil)
	if err != nil {
		return outcome{}, err
	}

	publish := func(key string, mode uint8, body []byte) error {
		err := channel.PublishWithContext(ctx, "bookings", key, true /* mandatory */, false, amqp.Publishing{
			ContentType:   "application/json",
			DeliveryMode:  mode,
			MessageId:     id,
			CorrelationId: id,
			ReplyTo:       queue.Name,
			Body:          body,
		})
		if err != nil {
			return err
		}
		select {
		case confirmation, open := <-confirmations:
			if !open {
				return errors.New("the connection was lost before the broker's confirm")
			}
			if !confirmation.Ack {
				return errors.New("the broker could not take the message")
			}
		case <-time.After(confirmWait):
			return errors.New("the broker does not confirm")
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case back := <-returned: // comes before its confirm
			return fmt.Errorf("no queue takes the message: %s", back.ReplyText)
		default:
			return nil
		}
	}

	if err := publish("booking.request", amqp.Persistent, body); err != nil {
		return outcome{}, err
	}
	question, _ := json.Marshal(map[string]string{"request_id": id})
	for {
		select {
		case reply, open := <-replies:
			if !open {
				return outcome{}, errors.New("the connection was lost before the outcome")
			}
			var answer outcome
			if err := json.Unmarshal(reply.Body, &answer); err != nil {
				return outcome{}, err
			}
			if reply.CorrelationId == id && answer.final() {
				return answer, nil
			}
		case <-time.After(silence):
			// Replies are best effort, and the one to an earlier attempt went to a queue that is gone.
			if err := publish("query.booking", amqp.Transient, question); err != nil {
				return outcome{}, err
			}
		case <-ctx.Done():
			return outcome{}, ctx.Err()
		}
	}
}

func main() {
	log.SetFlags(0)
	mathrand.Seed(time.Now().UnixNano())
	random := make([]byte, 16)
	rand.Read(random)
	booking := request{
		RequestID:     setting("REQUEST_ID", fmt.Sprintf("%x", random)),
		PassengerName: "Juan Pérez",
		PassengerAge:  number(argument(2, "9")),
		Email:         argument(3, "juan@example.com"),
		Destination:   argument(1, "San Andrés"),
		HasPet:        true,
	}
	urls := strings.Split(setting("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/"), ",")
	timeout := time.Duration(number(setting("TIMEOUT", "60"))) * time.Second

	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	result, err := book(ctx, urls, booking)
	if err != nil {
		fmt.Printf("unknown: no outcome within %v; to ask again: REQUEST_ID=%s\n", timeout, booking.RequestID)
		os.Exit(2)
	}
	switch result.Status {
	case "confirmed":
		fmt.Printf("confirmed: booking %d, %d.%02d %s\n",
			result.BookingNumber, result.TotalPrice/100, result.TotalPrice%100, result.Currency)
		return
	case "cancelled":
		fmt.Printf("cancelled: booking %d was confirmed, and cancelled since\n", result.BookingNumber)
	case "rejected":
		fmt.Println("rejected:", result.Reason)
		for _, problem := range result.Problems {
			fmt.Println(" ", problem.Field, problem.Problem)
		}
	default: // request_id_reused: another request, with other contents, has this id
		fmt.Printf("refused: %s: %s\n", result.Code, result.Detail)
	}
	os.Exit(1)
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func argument(number int, otherwise string) string {
	if len(os.Args) > number {
		return os.Args[number]
	}
	return otherwise
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}
