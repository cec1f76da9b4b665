// Step 2: a booking that survives what can go wrong between you and the broker.
//
//     apt-get install default-jdk-headless librabbitmq-client-java libslf4j-java libgoogle-gson-java
//     jars=/usr/share/java
//     export CLASSPATH=$jars/amqp-client.jar:$jars/slf4j-api.jar:$jars/slf4j-nop.jar:$jars/gson.jar
//     java Robust.java [DESTINATION [AGE [EMAIL]]]
//
// With Maven or Gradle: com.rabbitmq:amqp-client:5.+ and com.google.code.gson:gson:2.+. Java 11 or newer.
//
// Environment: AMQP_URL (several, separated by commas, are the nodes of one cluster), TIMEOUT in seconds (60), and
// REQUEST_ID, to ask again for a request whose outcome stayed unknown.
// Exit status: 0 confirmed, 1 rejected, 2 unknown.

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

public class Robust {
    private static final long SILENCE = 3_000; // milliseconds without an answer after which we ask
    private static final long CONFIRM_WAIT = 10_000;

    private final String[] urls;
    private final long deadline;

    Robust(String[] urls, long milliseconds) {
        this.urls = urls;
        this.deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }

    private long millisecondsLeft() {
        return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }

    /** Publishes the request until it has an outcome; null if there is none in time. */
    JsonObject book(JsonObject request) throws Exception {
        // Made once: the same request_id with other contents would be another request, and be refused.
        byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
        String id = request.get("request_id").getAsString();
        long delay = 200;
        for (int number = 0; millisecondsLeft() > 0; number++) {
            try {
                return attempt(urls[number % urls.length], id, body);
            } catch (IOException | TimeoutException | ShutdownSignalException error) {
                long pause = ThreadLocalRandom.current().nextLong(delay / 2, delay);
                pause = Math.min(pause, Math.max(0, millisecondsLeft()));
                System.err.printf("%s: the same request again in %d ms%n", error, pause);
                Thread.sleep(pause);
                delay = Math.min(2 * delay, 5_000);
            }
        }
        return null;
    }

    /**
     * Publishes the request on a new connection and waits for its outcome. Throws on a nack, a return (mandatory: no
     * queue took it) and a lost connection; then nobody knows whether the broker has the request, and publishing it
     * again is safe.
     */
    private JsonObject attempt(String url, String id, byte[] body) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(url);
        if (factory.getVirtualHost().isEmpty()) {
            factory.setVirtualHost("/"); // what a URL that ends in "/" means
        }
        factory.setRequestedHeartbeat(10);
        factory.setConnectionTimeout(5_000);
        factory.setChannelRpcTimeout(10_000);
        // The library's recovery restores connections, but publishes nothing again.
        factory.setAutomaticRecoveryEnabled(false);

        BlockingQueue<JsonObject> answers = new LinkedBlockingQueue<>();
        AtomicBoolean returned = new AtomicBoolean();
        try (Connection connection = factory.newConnection()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.addReturnListener((code, text, exchange, key, properties, message) -> returned.set(true));
            String replyQueue = channel.queueDeclare().getQueue(); // exclusive
            channel.basicConsume(replyQueue, true, (tag, reply) -> {
                if (id.equals(reply.getProperties().getCorrelationId())) {
                    String answer = new String(reply.getBody(), StandardCharsets.UTF_8);
                    answers.add(JsonParser.parseString(answer).getAsJsonObject());
                }
            }, tag -> { });

            AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                    .contentType("application/json")
                    .deliveryMode(2) // persistent
                    .messageId(id)
                    .correlationId(id)
                    .replyTo(replyQueue)
                    .build();
            publish(channel, "booking.request", properties, body, returned);

            JsonObject question = new JsonObject();
            question.addProperty("request_id", id);
            long asked = System.nanoTime();
            while (millisecondsLeft() > 0) {
                JsonObject answer = answers.poll(Math.min(200, millisecondsLeft()), TimeUnit.MILLISECONDS);
                if (answer != null && isFinal(answer)) {
                    return answer;
                }
                if (!connection.isOpen()) {
                    throw new IOException("the connection was lost before the outcome");
                }
                if (System.nanoTime() - asked > TimeUnit.MILLISECONDS.toNanos(SILENCE)) {
                    // Replies are best effort, and the one to an earlier attempt went to a queue that is gone.
                    publish(channel, "query.booking", properties.builder().deliveryMode(1).build(),
                            question.toString().getBytes(StandardCharsets.UTF_8), returned);
                    asked = System.nanoTime();
                }
            }
            return null;
        }
    }

    private void publish(Channel channel, String key, AMQP.BasicProperties properties, byte[] body,
            AtomicBoolean returned) throws IOException, InterruptedException, TimeoutException {
        boolean mandatory = true;
        channel.basicPublish("bookings", key, mandatory, properties, body);
        if (!channel.waitForConfirms(Math.max(1, Math.min(CONFIRM_WAIT, millisecondsLeft())))) {
            throw new IOException("the broker could not take the message");
        }
        if (returned.get()) { // a return comes before its confirm
            throw new IOException("no queue takes the message");
        }
    }

    /** "pending" is not: the outcome is still to come. Nor is "not_found": the request waits in its queue. */
    private static boolean isFinal(JsonObject answer) {
        return !text(answer, "status").equals("pending") && !text(answer, "code").equals("not_found");
    }

    private static String text(JsonObject object, String name) {
        return object.has(name) ? object.get(name).getAsString() : "";
    }

    public static void main(String[] arguments) throws Exception {
        String id = System.getenv().getOrDefault("REQUEST_ID", UUID.randomUUID().toString());
        // Escaped, since before Java 18 the encoding of sources depends on the locale.
        JsonObject request = new JsonObject();
        request.addProperty("request_id", id);
        request.addProperty("passenger_name", "Juan P\u00e9rez");
        request.addProperty("passenger_age", arguments.length > 1 ? Integer.parseInt(arguments[1]) : 9);
        request.addProperty("email", arguments.length > 2 ? arguments[2] : "juan@example.com");
        request.addProperty("destination", arguments.length > 0 ? arguments[0] : "San Andr\u00e9s");
        request.addProperty("has_pet", true);

        String urls = System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/");
        long seconds = Long.parseLong(System.getenv().getOrDefault("TIMEOUT", "60"));
        JsonObject outcome = new Robust(urls.split(","), 1_000 * seconds).book(request);

        if (outcome == null) {
            System.out.printf("unknown: no outcome within %d s; to ask again: REQUEST_ID=%s%n", seconds, id);
            System.exit(2);
        }
        switch (text(outcome, "status")) {
            case "confirmed":
                long price = outcome.get("total_price").getAsLong();
                System.out.printf("confirmed: booking %s, %d.%02d %s%n", text(outcome, "booking_number"),
                        price / 100, price % 100, text(outcome, "currency"));
                System.exit(0);
                break;
            case "cancelled":
                System.out.printf("cancelled: booking %s was confirmed, and cancelled since%n",
                        text(outcome, "booking_number"));
                break;
            case "rejected":
                System.out.println("rejected: " + text(outcome, "reason"));
                if (outcome.has("problems")) {
                    for (JsonElement problem : outcome.getAsJsonArray("problems")) {
                        System.out.printf("  %s %s%n", text(problem.getAsJsonObject(), "field"),
                                text(problem.getAsJsonObject(), "problem"));
                    }
                }
                break;
            default: // request_id_reused: another request, with other contents, has this id
                System.out.printf("refused: %s: %s%n", text(outcome, "code"), text(outcome, "detail"));
        }
        System.exit(1);
    }
}
